package auth

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is a right that a token carries. Its value is its wire name.
type Scope string

// The scopes.
const (
	ReadPlaces        Scope = "lieux:lire"
	ReadSlots         Scope = "creneaux:lire"
	WriteAppointments Scope = "rendezvous:ecrire"
	ReadAppointments  Scope = "rendezvous:lire"
	ManageWebhooks    Scope = "webhooks:gerer"
)

// AllScopes lists every scope.
func AllScopes() Scopes {
	return Scopes{ReadPlaces, ReadSlots, WriteAppointments, ReadAppointments, ManageWebhooks}
}

// Scopes is a set of scopes, in the order in which they were given, each once.
type Scopes []Scope

// ParseScopes reads a list separated by spaces (RFC 6749, section 3.3). A name that is unknown is ErrScope; one
// that is repeated counts once; an empty text is no scope at all.
func ParseScopes(text string) (Scopes, error) {
	var scopes Scopes
	for name := range strings.FieldsSeq(text) {
		scope := Scope(name)
		if !AllScopes().Has(scope) {
			return nil, fmt.Errorf("%w: unknown scope", ErrScope)
		}
		if !scopes.Has(scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

// Has reports whether scope is in the set.
func (s Scopes) Has(scope Scope) bool { return slices.Contains(s, scope) }

// String is the wire form: names separated by spaces.
func (s Scopes) String() string {
	names := make([]string, len(s))
	for i, scope := range s {
		names[i] = string(scope)
	}
	return strings.Join(names, " ")
}

// within reports whether every scope of s is in other.
func (s Scopes) within(other Scopes) bool {
	return !slices.ContainsFunc(s, func(scope Scope) bool { return !other.Has(scope) })
}

// common returns the scopes of s that are in other too.
func (s Scopes) common(other Scopes) Scopes {
	var both Scopes
	for _, scope := range s {
		if other.Has(scope) {
			both = append(both, scope)
		}
	}
	return both
}
