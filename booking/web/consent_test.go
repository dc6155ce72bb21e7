package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"passerelle/booking"
	"passerelle/connectors"
)

// consents is the software of one agenda: it takes the code "code-secret" once it was asked for.
type consents struct{ fails error }

func (c consents) Consent(agenda, back, state string) (string, error) {
	if agenda != "agenda-1" {
		return "", booking.Missing()
	}
	return fmt.Sprintf("https://logiciel.example/oauth?retour=%s&state=%s", back, state), c.fails
}

func (c consents) Agree(_ context.Context, agenda, back, code string) error {
	switch {
	case c.fails != nil:
		return c.fails
	case agenda != "agenda-1" || back != "https://passerelle.example/consentement" || code != "code-secret":
		return &connectors.Error{Op: "agree", Kind: connectors.Refused}
	}
	return nil
}

func TestAStructureLetsTheGatewayIn(t *testing.T) {
	s := newSite(t, nil)
	status, body := s.visit(http.MethodGet, "/consentement/"+token, nil)
	if status != 200 || !strings.Contains(body, `href="https://logiciel.example/oauth?retour=https://passerelle.example/consentement&amp;state=`+token+`"`) {
		t.Fatalf("%d %s", status, body)
	}
	if strings.Contains(body, "<form") || strings.Contains(body, "Votre réponse") {
		t.Error("the page asks for the answer to a request")
	}
	status, body = s.visit(http.MethodGet, "/consentement?code=code-secret&state="+token, nil)
	if status != 200 || !strings.Contains(body, "C&#39;est fait") {
		t.Errorf("%d %s", status, body)
	}
}

func TestAConsentThatIsNotGiven(t *testing.T) {
	for _, c := range []struct {
		name, path string
		fails      error
		status     int
		words      string
	}{
		{"she said no", "?error=access_denied&state=" + token, nil, 200, "Rien n&#39;a changé"},
		{"a code of another's making", "?code=autre&state=" + token, nil, 410, "plus valable"},
		{"a state of another's making", "?code=code-secret&state=faux", nil, 404, "Lien inconnu"},
		{"no state", "?code=code-secret", nil, 404, "Lien inconnu"},
		{"a link whose time is over", "/vieux", nil, 410, "plus valable"},
		{"a link of another's making", "/faux", nil, 404, "Lien inconnu"},
		{"an agenda that asks for no consent", "/" + token, booking.Missing(), 404, "Lien inconnu"},
		{"the software does not answer", "?code=code-secret&state=" + token, &connectors.Error{Op: "agree", Kind: connectors.Unavailable}, 503, "indisponible"},
		{"the software does not know the gateway", "?code=code-secret&state=" + token, &connectors.Error{Op: "agree", Kind: connectors.Misconfigured}, 503, "indisponible"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, func(_ *requests, o *Options) { o.Consents = consents{c.fails} })
			status, body := s.visit(http.MethodGet, "/consentement"+c.path, nil)
			if status != c.status || !strings.Contains(body, c.words) {
				t.Errorf("%d %s", status, body)
			}
			if strings.Contains(body, "C&#39;est fait") {
				t.Error("the page says that it is done")
			}
		})
	}
}
