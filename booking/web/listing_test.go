package web

import (
	"html"
	"strings"
	"testing"

	"passerelle/booking"
)

// actionAsWritten is what a page says to do about a place.
func actionAsWritten(t *testing.T, place *booking.Place, n booking.NextAction) string {
	t.Helper()
	p := &pages{}
	words, err := p.readPages()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := words["place"].ExecuteTemplate(&b, "next", p.action(place, n)); err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(b.String())
}

func TestALinkOfAPlaceLeadsToIt(t *testing.T) {
	place := &booking.Place{Name: "Médiathèque"}
	for value, want := range map[string]struct {
		to   booking.ActionType
		href string
	}{
		"+33475412345":                 {booking.ToCall, `href="tel:+33475412345"`},
		"+33 4 75 41 23 45\"><script>": {booking.ToCall, `href="tel:+33475412345"`},
		"https://rdv.example.org/?a=1": {booking.ToFollow, `href="https://rdv.example.org/?a=1"`},
		"javascript:alert(1)":          {booking.ToFollow, `href="#ZgotmplZ"`},
	} {
		if got := actionAsWritten(t, place, booking.NextAction{Type: want.to, Value: value}); !strings.Contains(got, want.href) {
			t.Errorf("%s: %s", value, got)
		}
	}
}
