package booking

import (
	"strings"
	"testing"
)

func TestPhones(t *testing.T) {
	for raw, want := range map[string]string{
		"0465710001": "+33465710001", "04 65 71 00 01": "+33465710001", "04.65.71.00.01": "+33465710001", "+33 (0)4 65 71 00 01": "+33465710001",
		"0033465710001": "+33465710001", "0639980001": "+33639980001", "0639 01 02 03": "+262639010203", "0692123456": "+262692123456", "0262 12 34 56": "+262262123456",
		"0690123456": "+590690123456", "0694123456": "+594694123456", "0696123456": "+596696123456", "+687 123456": "+687123456", "+32 2 123 45 67": "+3221234567",
		"": "", "12": "", "00": "", "+": "", "0012": "", "04657100012": "", "+330465710001": "", "appelez": "", "04 65 71 00 0a": "", "++33465710001": "",
	} {
		got, ok := ParsePhone(raw)
		if ok != (want != "") || ok && string(got) != want {
			t.Errorf("ParsePhone(%q) = %q, %v; want %q", raw, string(got), ok, want)
		}
	}
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"0465710001", "+33 (0)4", "00", "0692-12-34-56"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		number, ok := ParsePhone(raw)
		if !ok {
			return
		}
		got := string(number)
		if again, same := ParsePhone(got); !same || again != number {
			t.Errorf("ParsePhone(%q) = %q, which reads as %q", raw, got, string(again))
		}
		if len(got) < 8 || len(got) > 16 || got[0] != '+' || strings.Trim(got[1:], "0123456789") != "" {
			t.Errorf("ParsePhone(%q) = %q is no E.164", raw, got)
		}
	})
}
