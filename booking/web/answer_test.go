package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"passerelle/booking"
	"passerelle/connectors"
)

var (
	accepts = url.Values{"reponse": {"accepter"}}
	refuses = url.Values{"reponse": {"refuser"}, "raison": {"Elle est\r\nsouffrante.\x07 "}}
)

func TestThePageShowsWhatIsAskedAndNoMore(t *testing.T) {
	s := newSite(t, nil)
	status, body := s.ask(http.MethodGet, token, nil)
	if status != http.StatusOK {
		t.Fatalf("%d", status)
	}
	for _, want := range []string{
		"mardi 1er décembre 2026 à 10 h 00", "vendredi 27 novembre 2026 à 9 h 30", "45 minutes", "Médiathèque d&#39;Eurre<br>12 rue de la Mairie<br>26400 Eurre",
		"Accompagnement individuel", "Nombre de personnes</dt><dd>2<", "Zoé &lt;b&gt;", "Aide aux démarches administratives", "<p>Dossier.</p>", "LSF",
		`<html lang="fr">`, `<label for="raison">`, `id="accepter"`, `id="refuser"`, ">Accepter</button>", ">Refuser</button>", `maxlength="300"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	for _, word := range []string{"Nomdefamille", "612345", "exemple.org", "impasse", "Aidante", "<script>", "<b>", "src=\"http", "http:", "https:", "onclick", "javascript"} {
		if strings.Contains(body, word) {
			t.Errorf("the page has %q", word)
		}
	}
}

// Styles and scripts are files of ours: a browser drops what stands in the page.
func TestNothingIsRunThatStandsInAPage(t *testing.T) {
	s := newSite(t, nil)
	answer, err := (&http.Client{}).Get(s.url + "/demandes/" + token)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "<style") || strings.Contains(string(body), " style=") || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "style-src 'self'; script-src 'self'") {
		t.Errorf("styles or scripts that stand in the page: %s\n%s", answer.Header.Get("Content-Security-Policy"), body)
	}
}

func TestAnAnswerIsTakenOnce(t *testing.T) {
	for _, c := range []struct {
		form         url.Values
		done, again  string
		other        url.Values
		wantDecision string
	}{
		{accepts, "Demande acceptée", "Elle a été acceptée. Rien n&#39;a changé.", refuses, "confirme "},
		{refuses, "Demande refusée", "Elle a été refusée. Rien n&#39;a changé.", accepts, "refuse Elle est\nsouffrante."},
	} {
		s := newSite(t, nil)
		s.want(http.MethodPost, token, c.form, http.StatusOK, c.done)
		s.want(http.MethodPost, token, c.form, http.StatusConflict, c.again)
		s.want(http.MethodPost, token, c.other, http.StatusConflict, c.again)
		s.want(http.MethodGet, token, nil, http.StatusConflict, c.again)
		if got := s.store.decisions(); got != c.wantDecision {
			t.Errorf("decided %q, want %q", got, c.wantDecision)
		}
	}
}

// A reason that was typed before somebody pressed Accepter is not kept.
func TestAnAcceptanceHasNoReason(t *testing.T) {
	s := newSite(t, nil)
	s.want(http.MethodPost, token, url.Values{"reponse": {"accepter"}, "raison": {"x"}}, http.StatusOK, "Demande acceptée")
	if got := s.store.decisions(); got != "confirme " {
		t.Errorf("decided %q", got)
	}
}

// Programs open the links of mails: whatever they send that is no form, nothing is decided.
func TestOpeningALinkDecidesNothing(t *testing.T) {
	s := newSite(t, nil)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete} {
		for _, query := range []string{"", "?reponse=accepter", "?reponse=refuser&raison=x"} {
			status, _ := s.ask(method, token+query, accepts)
			if want := method == http.MethodGet || method == http.MethodHead; (status == http.StatusOK) != want {
				t.Errorf("%s %s: %d", method, query, status)
			}
		}
	}
	s.want(http.MethodPost, token+"?reponse=accepter", nil, http.StatusUnprocessableEntity, "Choisissez")
	if got := s.store.decisions(); got != "" {
		t.Errorf("decided %q", got)
	}
}

// The check above sees a page that decides when it is opened.
func TestAPageThatDecidesWhenOpenedIsSeen(t *testing.T) {
	s := newSite(t, func(r *requests, o *Options) { o.Requests = hasty{r} })
	s.ask(http.MethodGet, token, nil)
	if got := s.store.decisions(); got == "" {
		t.Error("nothing is seen")
	}
}

type hasty struct{ *requests }

func (h hasty) Show(ctx context.Context, asked string) (booking.Appointment, error) {
	return h.Decide(ctx, asked, true, "")
}

func TestALinkThatHasNothingToAnswer(t *testing.T) {
	is := func(s booking.Status) func(*requests, *Options) {
		return func(r *requests, _ *Options) { r.a.Status = s }
	}
	for name, c := range map[string]struct {
		token  string
		change func(*requests, *Options)
		status int
		words  string
	}{
		"forged":                  {"faux", nil, http.StatusNotFound, "Lien inconnu"},
		"of no appointment":       {"autre", nil, http.StatusNotFound, "Lien inconnu"},
		"too old":                 {"vieux", nil, http.StatusGone, "Le délai pour répondre est passé"},
		"of an expired request":   {token, is(booking.Expired), http.StatusGone, "Le délai pour répondre est passé"},
		"over, not yet swept":     {token, func(r *requests, _ *Options) { r.a.Expires = now }, http.StatusGone, "Le délai pour répondre est passé"},
		"refused already":         {token, is(booking.Refused), http.StatusConflict, "Elle a été refusée"},
		"accepted, its day over":  {token, func(r *requests, _ *Options) { r.a.Status, r.a.Expires = booking.Confirmed, now }, http.StatusConflict, "Elle a été acceptée"},
		"accepted already":        {token, is(booking.Confirmed), http.StatusConflict, "Elle a été acceptée"},
		"accepted, then honoured": {token, is(booking.Honoured), http.StatusConflict, "Elle a été acceptée"},
		"accepted, then moved":    {token, is(booking.Moved), http.StatusConflict, "déplacé"},
		"cancelled meanwhile":     {token, is(booking.Cancelled), http.StatusConflict, "Elle a été annulée"},
		"of an unknown place":     {token, func(_ *requests, o *Options) { o.Place = func(string) *booking.Place { return nil } }, http.StatusServiceUnavailable, "Service indisponible"},
		"when the ledger is down": {token, func(_ *requests, o *Options) { o.Requests = down{} }, http.StatusServiceUnavailable, "Service indisponible"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, c.change)
			s.want(http.MethodGet, c.token, nil, c.status, c.words)
			s.want(http.MethodPost, c.token, accepts, c.status, c.words)
			if got := s.store.decisions(); got != "" {
				t.Errorf("decided %q", got)
			}
		})
	}
}

type down struct{}

func (down) Show(context.Context, string) (booking.Appointment, error) {
	return booking.Appointment{}, errors.New("the disk is gone")
}

func (down) Decide(context.Context, string, bool, booking.Words) (booking.Appointment, error) {
	return booking.Appointment{}, errors.New("the disk is gone")
}

// Between the page and the answer, the world goes on.
func TestAnAnswerThatComesTooLate(t *testing.T) {
	becomes := func(s booking.Status) func(*requests, *Options) {
		return func(r *requests, _ *Options) { r.before = func(a *booking.Appointment) { a.Status = s } }
	}
	fails := func(err error) func(*requests, *Options) { return func(r *requests, _ *Options) { r.fails = err } }
	for name, c := range map[string]struct {
		change func(*requests, *Options)
		status int
		words  string
	}{
		"accepted by a colleague": {becomes(booking.Confirmed), http.StatusConflict, "Elle a été acceptée"},
		"cancelled":               {becomes(booking.Cancelled), http.StatusConflict, "Elle a été annulée"},
		"expired":                 {becomes(booking.Expired), http.StatusGone, "Le délai pour répondre est passé"},
		"expired, not yet swept":  {fails(&booking.Error{Kind: connectors.Refused, Code: "demande_expiree"}), http.StatusGone, "Le délai pour répondre est passé"},
		"changed":                 {fails(&booking.Error{Kind: connectors.Changed, Code: "rendez_vous_modifie"}), http.StatusConflict, "La demande vient de changer"},
		"the disk is full":        {fails(errors.New("full")), http.StatusServiceUnavailable, "Service indisponible"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, c.change)
			s.want(http.MethodPost, token, accepts, c.status, c.words)
			if got := s.store.decisions(); got != "" {
				t.Errorf("decided %q", got)
			}
		})
	}
}

// An acceptance goes to the structure's own agenda, which has its own mind.
func TestWhatTheAgendaMakesOfAnAcceptanceIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		is          booking.Status
		err         error
		status      int
		words, then string
	}{
		"silent":          {booking.Uncertain, nil, http.StatusOK, "Votre agenda n&#39;a pas encore répondu", "pas encore confirmé"},
		"not even sent":   {booking.Sending, nil, http.StatusOK, "Votre agenda n&#39;a pas encore répondu", "pas encore confirmé"},
		"taken there":     {booking.Refused, &booking.Error{Kind: connectors.SlotTaken, Code: "creneau_pris"}, http.StatusConflict, "Votre agenda a refusé", "Elle a été refusée"},
		"a no":            {booking.Refused, &booking.Error{Kind: connectors.Refused, Code: "agenda_refuse"}, http.StatusConflict, "Votre agenda a refusé", "Elle a été refusée"},
		"nobody can tell": {booking.NeedsHuman, &booking.Error{Kind: connectors.Refused, Code: "etape_impossible"}, http.StatusConflict, "Regardez dans votre agenda", "Regardez dans votre agenda"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(r *requests, _ *Options) {
				r.agenda = func(a *booking.Appointment) error { a.Status = c.is; return c.err }
			})
			s.want(http.MethodPost, token, accepts, c.status, c.words)
			s.want(http.MethodGet, token, nil, map[bool]int{true: http.StatusOK, false: http.StatusConflict}[c.status == http.StatusOK], c.then)
		})
	}
}

// Two people of a structure answer at the same moment: one of them decides, the other is told.
func TestTwoAnswersAtOnceAreOne(t *testing.T) {
	s := newSite(t, nil)
	var both sync.WaitGroup
	statuses := make([]int, 2)
	for i, form := range []url.Values{accepts, refuses} {
		both.Go(func() { statuses[i], _ = s.ask(http.MethodPost, token, form) })
	}
	both.Wait()
	if statuses[0]+statuses[1] != http.StatusOK+http.StatusConflict || strings.Contains(s.store.decisions(), ";") {
		t.Errorf("answered %v, decided %q", statuses, s.store.decisions())
	}
}

func TestAFormThatCannotBeTakenIsShownAgain(t *testing.T) {
	for name, c := range map[string]struct {
		form  url.Values
		words []string
	}{
		"no choice":         {url.Values{"raison": {"x"}}, []string{"Choisissez « Accepter » ou « Refuser ».", ">x</textarea>"}},
		"another choice":    {url.Values{"reponse": {"oui"}}, []string{"Choisissez"}},
		"a reason too long": {url.Values{"reponse": {"refuser"}, "raison": {strings.Repeat("é", 301)}}, []string{"301 caractères, 300 au plus", strings.Repeat("é", 301), "aide-raison erreur"}},
		"a form too long":   {url.Values{"reponse": {"refuser"}, "raison": {strings.Repeat("é", 20_000)}}, []string{"n&#39;a pas pu être lue"}},
		"a hostile reason":  {url.Values{"reponse": {"x"}, "raison": {"</textarea><script>"}}, []string{"&lt;/textarea&gt;&lt;script&gt;</textarea>"}},
	} {
		s := newSite(t, nil)
		for _, words := range c.words {
			s.want(http.MethodPost, token, c.form, http.StatusUnprocessableEntity, words)
		}
		if got := s.store.decisions(); got != "" {
			t.Errorf("%s: decided %q", name, got)
		}
	}
	s := newSite(t, nil)
	s.want(http.MethodPost, token, url.Values{"reponse": {"refuser"}, "raison": {strings.Repeat("é", 300)}}, http.StatusOK, "Demande refusée")
}

func TestPagesWithoutTheirPartsAreRefused(t *testing.T) {
	good := Options{}
	newSite(t, func(_ *requests, o *Options) { good = *o })
	for name, spoil := range map[string]func(*Options){
		"no requests": func(o *Options) { o.Requests = nil }, "no links": func(o *Options) { o.Read = nil },
		"no places": func(o *Options) { o.Place = nil }, "no log": func(o *Options) { o.Logger = nil },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: it is made", name)
		}
	}
}
