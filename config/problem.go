package config

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong, for the person who wrote it.
type Problem struct {
	Key    string // path in the file ("agendas[0].motifs[1].duree_min", from 0) or environment variable; empty for the whole file
	Line   int    // in the file, from 1; 0 when the problem is not at one place of it
	Column int    // in characters, from 1
	Reason string // in French; it never shows a secret
}

func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(strings.Map(printable, p.Key))
	if p.Line > 0 {
		if p.Key != "" {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "(ligne %d, colonne %d)", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteString(" : ")
	}
	b.WriteString(p.Reason)
	return b.String()
}

// Error is every problem of a configuration, never none: those of the file in its order, then those of the
// variables, then those that concern several keys.
type Error struct {
	File     string // empty when no file was read
	Problems []Problem
}

// Error is a line of introduction and a line per problem.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("config: la configuration")
	if e.File != "" {
		b.WriteString(" " + e.File)
	}
	b.WriteString(" est refusée")
	for _, p := range e.Problems {
		b.WriteString("\n  - " + p.String())
	}
	return b.String()
}

// quote shows a value that is no secret, shortened.
func quote(text string) string {
	const longest = 60
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return "« " + strings.Map(printable, text) + " »"
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
