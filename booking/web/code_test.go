package web

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"passerelle/auth/signin"
	"passerelle/booking"
)

const codeOfOne = "/structure/lieux/lieu-1/code"

var codeForms = regexp.MustCompile(`name="formulaire" value="([^"]+)"`)

// says sends a code and a name, as somebody at the telephone does.
func (b *browser) says(path, code, name string) seen {
	b.h.t.Helper()
	found := codeForms.FindStringSubmatch(b.get("/mes-rendez-vous").raw)
	if found == nil {
		b.h.t.Fatal("no form asks for a code")
	}
	return b.do("POST", path, url.Values{"formulaire": {found[1]}, "code": {code}, "nom": {name}})
}

func TestACodeAndANameFindAnAppointment(t *testing.T) {
	c := newCounter(t)
	aidant, keeper := c.aidant(), c.keeper()
	sheet := aidant.taken(0)
	id := strings.TrimPrefix(sheet, "/mes-rendez-vous/")
	a := must(c.service.Ledger.AnyAppointment(t.Context(), id))
	code := booking.CodeInWords(a.Code())
	for what, page := range map[string]seen{"the sheet": aidant.get(sheet), "her page": c.browser().get("/rv/lien-" + id)} {
		c.want(what, page, 200, code)
	}
	c.want("the day asks", keeper.get("/structure/lieux/lieu-1"), 200, "Une personne vous appelle ?")
	other := c.signedIn("mairie@lieu-2.exemple.fr") // who may book, and answers for no place
	found := map[string]seen{
		"the place":      keeper.says(codeOfOne, code, "NOMDEFAMILLE"),
		"who booked":     aidant.says("/code", strings.ToLower(code), " nom-de-famille "),
		"another aidant": other.says("/code", strings.ReplaceAll(code, "-", ""), "Nomdefamille"),
	}
	for who, page := range found {
		c.want(who, page, 200, booking.InWords(a.StartTime(), c.service.Directory.Places("lieu-1")[0].Zone))
		for _, of := range []string{"Zoé", "retraite", "39 98", "Camille", "Nomdefamille"} {
			if strings.Contains(page.body, of) {
				t.Errorf("%s is told %q:\n%s", who, of, page.body)
			}
		}
	}

	// What is wrong is told apart in nothing.
	hold, _ := aidant.held(5)
	held := must(c.service.Ledger.AnyAppointment(t.Context(), strings.TrimPrefix(hold, "/reservations/")))
	for _, who := range []struct {
		*browser
		path string
	}{{keeper, codeOfOne}, {other, "/code"}} {
		want := who.says(who.path, "00000000", "Personne")
		c.want("nobody's", want, 404, "Aucun rendez-vous trouvé")
		for _, x := range [][2]string{{code, "Durand"}, {code, ""}, {"ZZZZZZZZ", "Nomdefamille"}, {"x", "Nomdefamille"}, {held.Code(), ""}, {code, "Zoé"}} {
			if got := who.says(who.path, x[0], x[1]); got.status != want.status || codeForms.ReplaceAllString(got.raw, "") != codeForms.ReplaceAllString(want.raw, "") {
				t.Errorf("%s %q tells more: %d %s", who.path, x, got.status, got.body)
			}
		}
	}
	stranger := c.signedIn("quelqu-un@ailleurs.exemple.fr")
	c.want("who may not book", stranger.says("/code", code, "Nomdefamille"), 404, "Aucun rendez-vous trouvé")
	c.want("who does not answer for the place", other.says(codeOfOne, code, "Nomdefamille"), 404, "pas un de vos lieux")
	for _, account := range must(c.ledger.Accounts(t.Context())) {
		if account.Address == "mairie@lieu-2.exemple.fr" {
			if err := c.ledger.AnswerFor(t.Context(), signin.Answering{Account: account.ID, Place: "lieu-2", By: "test"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.want("at another place", other.says("/structure/lieux/lieu-2/code", code, "Nomdefamille"), 404, "Aucun rendez-vous trouvé")
	c.want("not signed in", c.browser().do("POST", "/code", nil), 401, "Rien n'a été fait")
	c.want("a form of another site's", other.do("POST", "/code", url.Values{"code": {code}, "nom": {"Nomdefamille"}}), 403, "plus valable")
}

func TestAnAppointmentIsCancelledForWhoSaidItsCode(t *testing.T) {
	c := newCounter(t)
	aidant, other := c.aidant(), c.signedIn("mairie@lieu-2.exemple.fr")
	id := strings.TrimPrefix(aidant.taken(0), "/mes-rendez-vous/")
	old := must(c.service.Ledger.AnyAppointment(t.Context(), id))
	moved := must(c.service.Move(t.Context(), booking.Call{Partner: old.Partner, Actor: booking.ThePrescriber, Key: "k"}, id, aidant.slot(5).Get("creneau"))).Appointment
	if moved.Code() != old.Code() {
		t.Fatalf("a move makes %s of the code %s", moved.Code(), old.Code())
	}
	if found := must(c.ledger.Called(t.Context(), old.Chain[:10])); len(found) != 1 || found[0].ID != moved.ID {
		t.Errorf("of what was moved %d are found", len(found))
	}
	shown := other.says("/code", old.Code(), "Nomdefamille")
	zone := c.service.Directory.Places("lieu-1")[0].Zone
	c.want("where it was moved", shown, 200, booking.InWords(moved.StartTime(), zone))
	status := func() booking.Status { return must(c.service.Ledger.AnyAppointment(t.Context(), moved.ID)).Status }
	forged := shown.fields()
	forged.Set("preuve", "x")
	c.want("without having been shown it", other.do("POST", "/code", forged), 404, "Aucun rendez-vous trouvé")
	elsewhere := c.signedIn("mairie@lieu-2.exemple.fr")
	stolen := shown.fields()
	stolen.Set("formulaire", codeForms.FindStringSubmatch(elsewhere.get("/mes-rendez-vous").raw)[1])
	c.want("by another session", elsewhere.do("POST", "/code", stolen), 404, "Aucun rendez-vous trouvé")
	if status() != booking.Confirmed {
		t.Fatalf("%s", status())
	}
	c.want("for her", other.submit(shown, "/code"), 200, "C'est annulé")
	if a := must(c.service.Ledger.AnyAppointment(t.Context(), moved.ID)); a.Status != booking.Cancelled || a.Ended.By != booking.TheBeneficiary {
		t.Errorf("%s by %s", a.Status, a.Ended.By)
	}
}

func TestTriesAtACodeAreCountedBeforeAnythingIsLookedFor(t *testing.T) {
	c := newCounter(t)
	aidant := c.aidant()
	a := must(c.service.Ledger.AnyAppointment(t.Context(), strings.TrimPrefix(aidant.taken(0), "/mes-rendez-vous/")))
	account := strings.TrimPrefix(c.partner(), partnerOf(signin.Account{}))
	c.asked = nil
	aidant.says("/code", strings.ToLower(a.Code()), "Durand")
	aidant.says("/code", "illisible !", "Durand")
	if want := []string{"code " + account + " " + a.Chain[:10], "code " + account + " "}; !slices.Equal(c.asked, want) {
		t.Errorf("counted are %q, want %q", c.asked, want)
	}
	c.full = true
	right, wrong := aidant.says("/code", a.Code(), "Nomdefamille"), aidant.says("/code", "00000000", "Personne")
	c.want("too many tries", right, 429, "Trop d'essais")
	if right.raw != wrong.raw || right.status != wrong.status {
		t.Error("who has no try left is told whether this one was right")
	}
}
