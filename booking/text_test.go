package booking_test

import (
	"slices"
	"testing"

	"passerelle/booking"
)

func TestPrintableTextHidesNothing(t *testing.T) {
	for text, want := range map[string]string{
		" un\tdeux\r\ntrois\rquatre\u2028cinq\u2029 ": "un deux\ntrois\nquatre\ncinq",
		"a\x00b\x1b[31m\x7f\u0085c":                   "ab[31mc",
		"rdv \u202egpj.exe\u2066\u200f":               "rdv gpj.exe",
		"\xff":                                        "\uFFFD",
		"l\u2019été, Šárka 👩\u200d🦰":                  "l\u2019été, Šárka 👩\u200d🦰",
	} {
		if got := booking.Printable(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

func TestALineBringsNoOther(t *testing.T) {
	if got := booking.Lines(" a\nb ", "", "\x00", "c\u2028d"); !slices.Equal(got, []string{"a b", "c d"}) {
		t.Errorf("%q", got)
	}
}
