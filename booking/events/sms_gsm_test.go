package events

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// alphabet is the table of GSM 03.38 as the standard prints it, by columns; a space stands for what does not print (line
// feed, carriage return, escape).
var alphabet = [8]string{
	"@£$¥èéùìòÇ Øø Åå", "Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ", " !\"#¤%&'()*+,-./", "0123456789:;<=>?",
	"¡ABCDEFGHIJKLMNO", "PQRSTUVWXYZÄÖÑÜ§", "¿abcdefghijklmno", "pqrstuvwxyzäöñüà",
}

// Every character of the alphabet goes as it is and takes one place, those of its extension two.
func TestTheAlphabetOfShortMessages(t *testing.T) {
	basic := 0
	for column, text := range alphabet {
		if n := utf8.RuneCountInString(text); n != 16 {
			t.Fatalf("column %d has %d characters", column, n)
		}
		for _, r := range text {
			basic++
			if got := gsm("a" + string(r) + "a"); got != "a"+string(r)+"a" || septets(got) != 3 {
				t.Errorf("%q is written %q, in %d", r, got, septets(got))
			}
		}
	}
	for _, r := range "^{}\\[~]|€" {
		if got := gsm(string(r)); got != string(r) || septets(got) != 2 {
			t.Errorf("%q is written %q, in %d", r, got, septets(got))
		}
	}
	if have := utf8.RuneCountInString(gsmBasic); have != basic-3 {
		t.Errorf("%d characters, the standard has %d that print", have, basic-3)
	}
}

// What is not in it is written as it is read.
func TestWhatIsNotInTheAlphabetIsWrittenWithWhatIs(t *testing.T) {
	for in, want := range map[string]string{
		"être à Saint-Étienne": "etre à Saint-Étienne", "forêt, maïs, côte, dû, Noël, château": "foret, mais, cote, du, Noel, chateau",
		"ça": "ca", "Çà": "Çà", "À l'École": "A l'École", "ÊÈËÎÏÔÛÙŸ": "EEEIIOUUY", "l’œuvre": "l'oeuvre", "Œuvre": "OEuvre",
		"« ici »": "\" ici \"", "a – b — c": "a - b - c", "fin…": "fin...", "10\u00a0h\u202f30": "10 h 30", "n° 5": "no 5",
		"e\u0301": "é", "e\u0302": "e", "日本": "??", "👩🏽‍💻 ici": "ici", "a\u200bb": "ab", "ﬁn": "fin", "²": "2", "": "",
	} {
		if got := gsm(in); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
}

func TestATextIsCutBetweenCharacters(t *testing.T) {
	for _, c := range []struct {
		in   string
		room int
		want string
	}{{"abc", 3, "abc"}, {"abc", 2, "ab"}, {"a€c", 2, "a"}, {"a€c", 3, "a€"}, {"ab, c", 4, "ab"}, {"é", 0, ""}} {
		if got := cutTo(c.in, c.room); got != c.want {
			t.Errorf("%q in %d is %q, want %q", c.in, c.room, got, c.want)
		}
	}
}

// onlyGSM reports whether every character is of the alphabet.
func onlyGSM(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return !inGSM(r) }) < 0 }
