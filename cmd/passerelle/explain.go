package main

import (
	"encoding/json"
	"errors"
	"strings"

	"passerelle/booking"
)

// explain says an error to a person: the sentence made for her where there is one, with the fields it names.
func explain(err error) string {
	e, ok := errors.AsType[*booking.Error](err)
	if !ok {
		return err.Error()
	}
	var b strings.Builder
	b.WriteString(e.Detail)
	for _, f := range e.Fields {
		b.WriteString("\n  " + f.Name + " : " + f.Reason)
		if len(f.Allowed) > 0 {
			b.WriteString(" (" + strings.Join(f.Allowed, ", ") + ")")
		}
	}
	if e.Err != nil {
		b.WriteString("\n  cause : " + e.Err.Error())
	}
	return b.String()
}

// line writes v as one line of JSON.
func (p program) line(v any) error {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
