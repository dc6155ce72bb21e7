package events

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	"text/template"

	"passerelle/booking"
)

//go:embed lettres/*.txt lettres/lettre.html
var letterFiles embed.FS

// letters are the words, one file for each topic and recipient, and for each link: the subject, an empty line, the text. What every
// letter may say is in communs.txt. Only the structure's say who comes and why; the operator's name nobody; no subject
// says what the person needs. lettre.html is how all of them look.
type letters struct {
	*template.Template
	page *htmltemplate.Template
}

func readLetters() (letters, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"join": func(list []string) string { return strings.Join(list, ", ") }, "quote": quoted,
	}).ParseFS(letterFiles, "lettres/*.txt")
	if err != nil {
		return letters{}, fmt.Errorf("events: letters: %w", err)
	}
	page, err := htmltemplate.ParseFS(letterFiles, "lettres/lettre.html")
	if err != nil {
		return letters{}, fmt.Errorf("events: letters: %w", err)
	}
	return letters{t, page}, nil
}

// letter is a message to somebody, before it is a mail.
type letter struct {
	subject, text string
	html          string // the same words
	invitation    []byte // iCalendar; nil when there is none
	method        string // of the invitation
}

var manyEmptyLines = regexp.MustCompile(`\n{3,}`)

// write makes the letter of a message. That there is none for it is a fault of the program.
func (l letters) write(t booking.Told, s sheet) (letter, error) {
	name := fmt.Sprintf("%s_%s.txt", t.About, t.To)
	return l.fill(name, s, s.Link)
}

// fill makes the letter of a file with what it may say, and the links that it may have.
func (l letters) fill(name string, s any, links ...string) (letter, error) {
	if l.Lookup(name) == nil {
		return letter{}, fmt.Errorf("events: no letter %s", name)
	}
	var b bytes.Buffer
	if err := l.ExecuteTemplate(&b, name, s); err != nil {
		return letter{}, fmt.Errorf("events: letter %s: %w", name, err)
	}
	subject, text, ok := strings.Cut(b.String(), "\n\n")
	if !ok {
		return letter{}, errors.New("events: letter " + name + " has no subject")
	}
	text = manyEmptyLines.ReplaceAllString(strings.TrimSpace(text), "\n\n") + "\n"
	subject = booking.OneLine(subject)
	page, err := l.html(subject, text, links)
	return letter{subject: subject, text: text, html: page}, err
}

// quoted shows a text of several lines as somebody's own words, so that it cannot pass for ours.
func quoted(s string) string {
	lines := strings.Split(booking.Printable(s), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("> "+line, " ")
	}
	return strings.Join(lines, "\n")
}
