package booking

import (
	"fmt"
	"strings"

	"passerelle/connectors"
)

// Error is a refusal by the domain: a kind and a code for the machine, one French sentence for the person, a
// cause for the log.
type Error struct {
	Kind        connectors.Kind
	Code        string       // stable, for machines: "creneau_pris"
	Detail      string       // for the aidant, in French
	Fields      []FieldError // what exactly is wrong with the question
	Near        []Slot       // other slots, where one was lost
	Link        string       // where it can be done instead
	Appointment string       // the id of the caller's own appointment that stands in the way
	Err         error
}

// FieldError names a field as it is on the wire and says what is wrong with it, in French.
type FieldError struct {
	Name    string
	Reason  string
	Allowed []string // the values that would do, if they are a list
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", e.Code, e.Kind)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " %s: %s", f.Name, f.Reason)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// ErrorKind makes connectors.KindOf find the kind.
func (e *Error) ErrorKind() connectors.Kind { return e.Kind }

// InvalidField is the error of one wrong field.
func InvalidField(name, reason string, allowed ...string) *Error {
	return &Error{
		Kind:   connectors.Invalid,
		Code:   "champ_invalide",
		Detail: "Un champ de la demande n'est pas valide : " + name + ".",
		Fields: []FieldError{{Name: name, Reason: reason, Allowed: allowed}},
	}
}
