package main

import (
	"encoding/json"
	"errors"
	"strings"

	"passerelle/booking"
	"passerelle/connectors"
)

// explain says an error to a person: the sentence made for her where there is one, with the fields it names.
func explain(err error) string {
	e, ok := errors.AsType[*booking.Error](err)
	if !ok {
		agenda, ok := errors.AsType[*connectors.Error](err)
		if ok && ofAnAgenda[agenda.Kind] != "" {
			return ofAnAgenda[agenda.Kind] + "\n  cause : " + err.Error()
		}
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

// ofAnAgenda is what the error of an agenda means for the operator.
var ofAnAgenda = map[connectors.Kind]string{
	connectors.Misconfigured: "Le serveur refuse le raccordement : vérifiez l'adresse, le compte, le mot de passe et le nom de l'agenda.",
	connectors.NotFound:      "Il n'y a rien à cette adresse.",
	connectors.Unavailable:   "Le serveur ne répond pas, ou sa réponse n'est pas celle d'un agenda.",
	connectors.RateLimited:   "Le serveur dit que nous l'appelons trop souvent : réessayez plus tard.",
	connectors.Unsupported:   "Cet agenda ne donne pas ses créneaux : il ne peut qu'orienter vers sa page.",
}

// line writes v as one line of JSON.
func (p program) line(v any) error {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
