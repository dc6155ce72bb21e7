package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"passerelle/booking"
)

// field is one question of a form. Its name is that of the API, which errors of the domain name too.
type field struct {
	Name, Label, Help  string
	Type, Autocomplete string // HTML
	Value, Fault       string
	Choices            []choice // of radio buttons and boxes
	Required           bool
	Max                int // characters
}

// group is the questions about one subject.
type group struct {
	Legend string
	Fields []*field
}

// form is questions, and what was answered before.
type form struct {
	Groups []group
	values url.Values
}

func required(x *field) { x.Required = true }

func help(words string) func(*field) { return func(x *field) { x.Help = words } }

// fills says what a browser may fill in (HTML, autocomplete).
func fills(token string) func(*field) { return func(x *field) { x.Autocomplete = token } }

func (f *form) field(name, label, kind string, max int, more ...func(*field)) *field {
	x := &field{Name: name, Label: label, Type: kind, Max: max, Value: f.values.Get(name)}
	for _, change := range more {
		change(x)
	}
	return x
}

// choose is a question with its answers; one that has radio buttons must be answered.
func (f *form) choose(name, label, kind string, all []choice) *field {
	return &field{Name: name, Label: label, Type: kind, Choices: chosen(all, f.values[name]), Required: kind == "radio"}
}

// all are the questions of all groups.
func (f *form) all() []*field {
	var out []*field
	for _, g := range f.Groups {
		out = append(out, g.Fields...)
	}
	return out
}

// blame marks a field as wrong; false when the form has no such field.
func (f *form) blame(name, reason string) bool {
	for _, x := range f.all() {
		if x.Name == name {
			x.Fault = cmp.Or(x.Fault, reason)
			return true
		}
	}
	return false
}

// sentence is a reason of the domain, which begins small and ends without a stop.
func sentence(reason string) string {
	first, size := utf8.DecodeRuneInString(reason)
	return string(unicode.ToUpper(first)) + reason[size:] + "."
}

// refusedInWords is why the domain refused something, without the names that only programs know.
func refusedInWords(e *booking.Error) string {
	switch e.Code {
	case "champ_invalide":
		return "Rien n'est enregistré : une réponse ne va pas."
	case "cle_reutilisee":
		return "Cette page a déjà servi, avec d'autres réponses. Celles-ci ne sont pas enregistrées : ouvrez la page de nouveau, puis recommencez."
	}
	return e.Detail
}

// Faults are the fields that are to be corrected.
func (f *form) Faults() []*field {
	return slices.DeleteFunc(f.all(), func(x *field) bool { return x.Fault == "" })
}

// check looks at what any field must be: there, not too long, of one line, among what was offered.
func (f *form) check(x *field) {
	value := strings.TrimSpace(f.values.Get(x.Name))
	switch {
	case x.Choices != nil:
		for _, v := range f.values[x.Name] {
			if !slices.ContainsFunc(x.Choices, func(c choice) bool { return c.Value == v }) {
				x.Fault = "Choisissez parmi ce qui est proposé."
			}
		}
		if x.Required && value == "" {
			x.Fault = "Choisissez une réponse."
		}
	case value == "" && x.Required:
		x.Fault = "Remplissez ce champ."
	case utf8.RuneCountInString(value) > x.Max:
		x.Fault = fmt.Sprintf("Trop long : %d caractères au plus.", x.Max)
	case strings.ContainsFunc(value, func(r rune) bool {
		return booking.Hidden(r) && (x.Type != "textarea" || !strings.ContainsRune("\r\n\t", r))
	}):
		x.Fault = "Contient un caractère qui ne se voit pas : effacez-le et recopiez le texte."
	case x.Type == "textarea":
		if what := booking.Confidential(value); what != "" {
			x.Fault = "Ce texte " + what + " : retirez-le, il ne doit pas être transmis."
		}
	}
}
