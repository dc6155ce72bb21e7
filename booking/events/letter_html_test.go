package events

import (
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
)

// shown is the words of an HTML letter, as a reader sees them.
func shown(t *testing.T, page string) []string {
	t.Helper()
	_, body, ok := strings.Cut(page, "<body")
	if !ok {
		t.Fatalf("no body in\n%s", page)
	}
	return strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<body"+body, " ")))
}

// The HTML of a letter says what its text says, word by word: whoever reads one of them misses nothing.
func TestBothVersionsOfALetterSayTheSame(t *testing.T) {
	m := letterMailer(t)
	for _, c := range letterCases() {
		l, err := m.letterOf(c.told(), mailPlace(t), "lectrice@exemple.org")
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for line := range strings.SplitSeq(l.text, "\n") {
			line = strings.TrimPrefix(strings.TrimPrefix(line, "- "), "> ")
			if line != "-- " {
				want = append(want, strings.Fields(line)...)
			}
		}
		got := shown(t, l.html)
		if !slices.Equal(without(got, ":"), without(want, ":")) { // a button needs none
			t.Errorf("%s to %s says\n%v\nand its text\n%v", c.about, c.to, got, want)
		}
		checkMarkup(t, l.html)
	}
}

func without(words []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(s string) bool { return s == word })
}

// checkMarkup wants only the elements that lettre.html has, nothing that is fetched, and no link but ours.
func checkMarkup(t *testing.T, page string) {
	t.Helper()
	elements := strings.Fields("html head meta title body div p a br span strong h2 ul li blockquote hr")
	for z := xhtml.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		if kind == xhtml.ErrorToken {
			if z.Err() != io.EOF {
				t.Error(z.Err())
			}
			return
		}
		token := z.Token()
		if kind == xhtml.TextToken || kind == xhtml.EndTagToken || kind == xhtml.DoctypeToken {
			continue
		}
		if kind != xhtml.StartTagToken || !slices.Contains(elements, token.Data) {
			t.Errorf("an element that is not ours: %s", token)
		}
		for _, a := range token.Attr {
			switch {
			case a.Key == "href" && strings.HasPrefix(a.Val, "https://passerelle.example/"):
			case slices.Contains([]string{"style", "lang", "charset", "name", "content"}, a.Key) && !strings.Contains(a.Val, "url("):
			default:
				t.Errorf("an attribute that is not ours: %s", token)
			}
		}
	}
}
