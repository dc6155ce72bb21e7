package events

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// part is what the HTML of a letter shows apart: the words are those of its text, and none are added.
type part struct {
	Kind         string // one of those of lettre.html
	Label, Value string
	Lines        []string // of a list, a quotation or the foot
}

// html dresses the text of a letter: there is one version of the words. Only the links that are handed in become links,
// whatever people have typed.
func (l letters) html(subject, text string, links []string) (string, error) {
	text, foot, _ := strings.Cut(text, "\n-- \n")
	var parts []part
	for group := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		parts = append(parts, partsOf(strings.Split(group, "\n"), links)...)
	}
	if foot = strings.TrimSpace(foot); foot != "" {
		parts = append(parts, part{Kind: "pied", Lines: strings.Split(foot, "\n")})
	}
	var b bytes.Buffer
	err := l.page.Execute(&b, struct {
		Subject string
		Parts   []part
	}{subject, parts})
	if err != nil {
		return "", fmt.Errorf("events: letter as HTML: %w", err)
	}
	return b.String(), nil
}

// partsOf reads lines that stand together.
func partsOf(lines, links []string) (out []part) {
	for i, line := range lines {
		p := partOf(line, links)
		if p.Kind == "" && i == 0 && len(lines) > 1 && isLabel(line) {
			p.Kind = "titre"
		}
		if last := len(out) - 1; last >= 0 && len(p.Lines) > 0 && out[last].Kind == p.Kind {
			out[last].Lines = append(out[last].Lines, p.Lines...)
			continue
		}
		out = append(out, p)
	}
	return out
}

// partOf reads a line by the conventions of the texts: "- " of lists, "> " of others' words, "Label : value".
func partOf(line string, links []string) part {
	if item, ok := strings.CutPrefix(line, "- "); ok {
		return part{Kind: "liste", Lines: []string{item}}
	}
	if words, ok := strings.CutPrefix(line, ">"); ok {
		return part{Kind: "citation", Lines: []string{strings.TrimPrefix(words, " ")}}
	}
	if label, ok := strings.CutSuffix(line, " :"); ok && isLabel(label) {
		return part{Kind: "annonce", Label: label}
	}
	label, value, ok := strings.Cut(line, " : ")
	switch {
	case !ok || !isLabel(label):
		return part{Value: line}
	case value != "" && slices.Contains(links, strings.TrimSuffix(strings.TrimSuffix(value, "#accepter"), "#refuser")):
		return part{Kind: "bouton", Label: label, Value: value}
	}
	return part{Kind: "ligne", Label: label, Value: value}
}

// longestLabel is in characters: what is longer, or punctuated, is a sentence.
const longestLabel = 30

func isLabel(s string) bool {
	return utf8.RuneCountInString(s) <= longestLabel && !strings.ContainsAny(s, ".,;!?")
}
