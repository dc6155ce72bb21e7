package directory

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestFolding(t *testing.T) {
	for text, want := range map[string]string{
		"Étapes numériques(La Poste)": "etapes numeriques la poste",
		"  L'Isle-sur-la-Sorgue ":     "l isle sur la sorgue",
		"L’ŒUVRE":                     "l oeuvre",
		"N° 1 — 2ᵉ étage":             "n 1 2e etage",
		"…":                           "",
	} {
		if got := fold(text); got != want {
			t.Errorf("fold(%q) = %q, want %q", text, got, want)
		}
	}
	if got := foldName("ST-Étienne, Ste Foy, est"); got != "saint etienne sainte foy est" {
		t.Errorf("foldName: %q", got)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Étapes numériques(La Poste)")
	f.Add("Ǆ İ ß œŒ")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		if once := fold(text); fold(once) != once {
			t.Errorf("%q folds to %q, then to %q", text, once, fold(once))
		}
	})
}

func FuzzLinkKey(f *testing.F) {
	f.Add("Org/7?a=1#b")
	f.Add("%zz")
	f.Fuzz(func(t *testing.T, path string) {
		want := linkKey("https://example.org/a" + path)
		if want == clean("https://example.org/a"+path) {
			return
		}
		if got := linkKey("HTTP://EXAMPLE.org/a" + path); got != want {
			t.Errorf("%q and %q", got, want)
		}
	})
}

// What is taken apart rune by rune is what the whole text is as NFKD, but for Korean, whose syllables stay whole.
func TestFoldingIsThatOfTheWholeText(t *testing.T) {
	for r := rune(1); r < 0x20000; r++ {
		if unicode.Is(unicode.Hangul, r) {
			continue
		}
		text := "a" + string(r) + "b"
		if got, want := fold(text), fold(norm.NFKD.String(text)); got != want {
			t.Fatalf("%U: %q, want %q", r, got, want)
		}
	}
}
