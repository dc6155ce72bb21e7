package connectors

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestValue is the length in bytes beyond which a value is not looked at.
const longestValue = 8 << 10

// Why a value is not an address that can be followed.
const (
	reasonEmpty      = "Aucune adresse n'est donnée."
	reasonAnswer     = "La valeur répond par oui ou par non : ce n'est pas une adresse."
	reasonNotAddress = "Ce texte n'est pas une adresse de site."
	reasonTooLong    = "Ce texte est trop long pour une adresse."
	reasonUnknown    = "Aucun connecteur ne reconnaît cette adresse."
	reasonMail       = "C'est une adresse de courriel : le rendez-vous se demande par écrit."
	reasonPhone      = "C'est un numéro de téléphone : le rendez-vous se demande par téléphone."
	reasonSecret     = "Cette adresse contient un secret personnel (jeton, clé ou mot de passe) : elle ne doit être ni utilisée ni publiée." // #nosec G101 -- a sentence about secrets
)

// Resolve says what a value of prise_rdv is, as it stands in the wild: several addresses in one value, invisible
// characters, a missing or doubled scheme, a doubly encoded path, a telephone number, "oui". It asks no network.
//
// The first address that a connector wants is chosen; the last connector of the registry takes what no other wants,
// so an address of its own counts only where there is no better one. When any part of the value holds a secret, the
// whole value is Secret: the resolution then names the connector and says why, and nothing else.
func (r *Registry) Resolve(raw string) Resolution {
	text := strings.TrimSpace(visible(raw))
	found := contact("", reasonTooLong)
	if len(text) <= longestValue {
		found = r.resolve(text)
	}
	switch {
	case found.Secret:
		return Resolution{Connector: found.Connector, Mode: ByContact, Secret: true, Reason: found.Reason}
	case Redact(text) != text || Redact(found.Link) != found.Link:
		return Resolution{Connector: found.Connector, Mode: ByContact, Secret: true, Reason: reasonSecret}
	}
	return found
}

func (r *Registry) resolve(text string) Resolution {
	var best Resolution
	addresses := 0
	for _, word := range words(text) {
		u, ok := webAddress(word)
		if !ok {
			continue
		}
		if u.User != nil {
			return Resolution{Mode: ByContact, Secret: true, Reason: reasonSecret}
		}
		found, ok := r.Recognise(u)
		if ok && found.Secret {
			return found
		}
		if strings.ContainsRune(word, utf8.RuneError) {
			continue // not the address that was meant, but its secret would have been one
		}
		addresses++
		switch {
		case !ok:
		case best.Connector == "", r.isLast(best.Connector) && !r.isLast(found.Connector):
			best = found
		}
	}
	switch {
	case best.Connector != "":
		return best
	case addresses > 0:
		return contact("", reasonUnknown)
	}
	return notWeb(text)
}

func (r *Registry) isLast(name string) bool { return name == r.ordered[len(r.ordered)-1].Name }

// contact is a value that sends nobody to a page: the person calls, writes or comes.
func contact(link, reason string) Resolution {
	return Resolution{Mode: ByContact, Link: link, Reason: reason}
}

// words cuts a value into what may each be an address, without the punctuation around it.
func words(text string) []string {
	cut := strings.FieldsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || c == '|' || c == ';' })
	for i, word := range cut {
		word = strings.TrimLeft(word, `<>"'«»([,`)
		word = strings.TrimRight(word, `<>"'«»],.`)
		if !strings.Contains(word, "(") {
			word = strings.TrimRight(word, ")")
		}
		cut[i] = word
	}
	return slices.DeleteFunc(cut, func(word string) bool { return word == "" })
}

var (
	mailAddress = regexp.MustCompile(`(?i)^(?:mailto:)?([a-z0-9._+'-]+@)((?:[a-z0-9-]+\.)+[a-z]{2,})(?:\?.*)?$`)
	// frenchPhone is a number of ten digits, or the same after a country code, with or without "(0)".
	frenchPhone = regexp.MustCompile(`((?:\+|\b00)\d{2,3})[ .-]*(?:\(0\))?[ .-]*([1-9](?:[ .-]*\d){5,8})\b|\b(0[1-9](?:[ .-]*\d{2}){4})\b`)
	telAddress  = regexp.MustCompile(`(?i)\btel:([+\d][\d .()-]{2,20})`)
	otherScheme = regexp.MustCompile(`(?i)^([a-z][a-z0-9+-]{1,19}):`)
)

// answers are words that stand where an address was asked for.
var answers = []string{
	"oui", "non", "néant", "neant", "aucun", "aucune", "sans", "n/a", "na", "nc", "nr", "null", "none", "nan", "-", "--", "/", "x", "yes", "no", "true", "false",
}

// notWeb says what a text without a web address is.
func notWeb(text string) Resolution {
	list := words(text)
	for _, word := range list {
		if m := mailAddress.FindStringSubmatch(word); m != nil {
			return contact("mailto:"+m[1]+strings.ToLower(m[2]), reasonMail)
		}
	}
	if number := phoneIn(strings.Join(strings.Fields(text), " ")); number != "" {
		return contact("tel:"+number, reasonPhone)
	}
	list = slices.DeleteFunc(list, func(word string) bool { return slices.Contains(answers, strings.ToLower(word)) })
	if len(list) == 0 {
		if text == "" {
			return contact("", reasonEmpty)
		}
		return contact("", reasonAnswer)
	}
	if m := otherScheme.FindStringSubmatch(list[0]); m != nil && !webScheme.MatchString(list[0]) {
		return contact("", "Une adresse « "+strings.ToLower(m[1])+": » ne peut pas être suivie : seules https, http et webcal le sont.")
	}
	return contact("", reasonNotAddress)
}

// phoneIn finds a telephone number in a text and returns its digits, with "+" before a country code.
func phoneIn(text string) string {
	digits := func(s string) string {
		return strings.Map(func(c rune) rune {
			if c == '+' || unicode.IsDigit(c) {
				return c
			}
			return -1
		}, s)
	}
	if m := telAddress.FindStringSubmatch(text); m != nil {
		return digits(strings.ReplaceAll(m[1], "(0)", ""))
	}
	m := frenchPhone.FindStringSubmatch(text)
	switch {
	case m == nil:
		return ""
	case m[1] != "":
		return "+" + strings.TrimPrefix(strings.TrimPrefix(m[1], "+"), "00") + digits(m[2])
	}
	return digits(m[3])
}
