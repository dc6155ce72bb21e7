package link

import (
	"net/url"
	"strings"
	"testing"

	"passerelle/connectors"
)

func TestSaysWhatIsBehindAPage(t *testing.T) {
	for _, c := range []struct{ raw, part string }{
		{"https://www.doctolib.fr/maison-france-services/exemple", "Doctolib"},
		{"https://calendly.com/exemple/rdv", "Calendly"},
		{"https://exemple.cal.com/30min", "Cal.com"},
		{"https://app.synbird.com/57000-exemple", "Synbird"},
		{"https://outlook.office365.com/book/accueil@exemple.fr/?ismsaljsauthenabled=true", "Outlook Bookings"},
		{"https://outlook.office365.com/owa/calendar/accueil@exemple.fr/bookings/", "Outlook Bookings"},
		{"https://outlook.office365.com/owa/calendars/", "Page d'un site"},
		{"https://calendar.app.google/abc", "Google Agenda"},
		{"https://calendar.google.com/calendar/appointments/schedules/abc", "Google Agenda"},
		{"https://docs.google.com/forms/d/e/abc/viewform", "Google Forms"},
		{"https://docs.google.com/document/d/abc", "Page d'un site"},
		{"https://exemple.typeform.com/rdv", "Typeform"},
		{"https://airtable.com/shrAbc", "Airtable"},
		{"https://openagenda.com/exemple", "OpenAgenda"},
		{"https://www.linscription.com/pro/x.php?P1=1", "L'inscription"},
		{"https://www.facebook.com/exemple", "réseau social"},
		{"https://bit.ly/abc", "raccourcie"},
		{"https://exemple.fr/formulaire.PDF", "Document à télécharger (pdf)"},
		{"https://exemple.fr", "Page d'accueil"},
		{"https://exemple.fr/#/rdv", "Page d'un site"},
		{"https://exemple.fr/?page=rdv", "Page d'un site"},
		{"https://exemple.fr/services/rdv", "Page d'un site"},
		{"https://notdoctolib.fr/x", "Page d'un site"},
		{"https://doctolib.fr.exemple.fr/x", "Page d'un site"},
		{"https://exemple.fr/doctolib.fr", "Page d'un site"},
	} {
		u, err := url.Parse(c.raw)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := recognise(u)
		if !ok || got.Mode != connectors.ByHandoff || got.Link != c.raw || !strings.Contains(got.Reason, c.part) {
			t.Errorf("recognise(%s) = %v %+v, want a reason with %q", c.raw, ok, got, c.part)
		}
	}
}

func TestTakesOnlyPagesOfThePublicWeb(t *testing.T) {
	for _, raw := range []string{"ftp://exemple.fr/", "webcal://exemple.fr/a.ics", "https://localhost/", "https://10.0.0.1/", "https://[::1]/", "mailto:a@exemple.fr", "https:///x", "/rdv"} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := recognise(u); ok {
			t.Errorf("recognise(%s) = %+v", raw, got)
		}
	}
}

func TestCredentialsAreASecret(t *testing.T) {
	got, ok := recognise(&url.URL{Scheme: "https", Host: "exemple.fr", User: url.UserPassword("jean", "s3cr3t")})
	if !ok || !got.Secret || got.Link != "" {
		t.Errorf("recognise = %v %+v", ok, got)
	}
}

func TestEverySiteIsWrittenAsItIsCompared(t *testing.T) {
	for _, s := range sites {
		if s.host != strings.ToLower(s.host) || s.path != strings.ToLower(s.path) || s.what == "" || s.path != "" && (s.path[0] != '/' || strings.HasSuffix(s.path, "/")) {
			t.Errorf("%+v will never be found", s)
		}
	}
}

func TestHandsOverToTheDeclaredPageAndClaimsNothing(t *testing.T) {
	const page = "https://exemple.fr/RDV?lieu=3#haut"
	a, err := Connector.Open(connectors.Connection{Address: " " + page}, connectors.Env{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.(connectors.Handoffer).Handoff(t.Context(), connectors.HandoffRequest{Reference: "rdv_1", Prescriber: true})
	if err != nil || got.URL != page || !got.ExpiresAt.IsZero() {
		t.Errorf("Handoff = %+v, %v", got, err)
	}
	if g := connectors.GuaranteeOf(a); g != connectors.Handoff {
		t.Errorf("guarantee = %s", g)
	}
	if c := connectors.CapabilitiesOf(a); c != (connectors.Capabilities{Handoff: true}) {
		t.Errorf("capabilities = %+v", c)
	}
	if r, err := a.Read(t.Context(), connectors.Query{}); connectors.KindOf(err) != connectors.Unsupported || r.Basis != 0 {
		t.Errorf("Read = %+v, %v", r, err)
	}
}

func TestOpenRefusesWhatIsNoPage(t *testing.T) {
	for _, address := range []string{"", "exemple.fr", "mailto:a@exemple.fr", "https://", "http://[::1", "https://exemple.fr/?token=s3cr3t", "https://jean:s3cr3t@exemple.fr"} {
		_, err := Connector.Open(connectors.Connection{Address: address}, connectors.Env{})
		if connectors.KindOf(err) != connectors.Invalid || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("Open(%q) = %v", address, err)
		}
	}
}
