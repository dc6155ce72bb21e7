package booking

import (
	"slices"
	"strings"
	"unicode"
)

// overseas gives the country code of ten-digit numbers whose first four digits are not of metropolitan France
// (plan national de numérotation, ARCEP).
var overseas = []struct {
	code     string
	prefixes []string
}{
	{"262", []string{"0262", "0263", "0692", "0693", "0269", "0639"}}, // La Réunion; Mayotte
	{"590", []string{"0590", "0690", "0691"}},                         // Guadeloupe, Saint-Martin, Saint-Barthélemy
	{"594", []string{"0594", "0694"}},                                 // Guyane
	{"596", []string{"0596", "0696", "0697"}},                         // Martinique
}

// fiction is what ARCEP keeps for examples: metropolitan, though the rest of 0639 is Mayotte's.
const fiction = "063998"

// lengths is how many digits follow a country code of the Republic.
var lengths = map[string]int{
	"33": 9, "262": 9, "590": 9, "594": 9, "596": 9, "508": 6, "687": 6, "681": 6, "689": 8,
}

// ParsePhone reads a number as people write it, ten digits or E.164, and gives it in E.164. False if it is neither.
func ParsePhone(raw string) (Phone, bool) {
	s := strings.ReplaceAll(strings.TrimSpace(raw), "(0)", "")
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-/()\u00a0\u202f\u2011", r) || unicode.Is(unicode.Bidi_Control, r) { // the latter come with copied contacts
			return -1
		}
		return r
	}, s)
	if digits, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + digits
	}
	digits, international := strings.CutPrefix(s, "+")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	if rest, ok := strings.CutPrefix(digits, "33"); ok && international && len(rest) == 9 {
		return national("0" + rest) // overseas numbers are often written as if they were metropolitan
	}
	if international {
		return Phone("+" + digits), validInternational(digits)
	}
	return national(digits)
}

// national reads ten digits.
func national(digits string) (Phone, bool) {
	if len(digits) != 10 || digits[0] != '0' || digits[1] == '0' {
		return "", false
	}
	if strings.HasPrefix(digits, fiction) {
		return Phone("+33" + digits[1:]), true
	}
	for _, o := range overseas {
		if slices.Contains(o.prefixes, digits[:4]) {
			return Phone("+" + o.code + digits[1:]), true
		}
	}
	return Phone("+33" + digits[1:]), true
}

// validInternational knows the lengths of the Republic's numbers; others have 7 to 15 digits (E.164).
func validInternational(digits string) bool {
	for code, n := range lengths {
		if rest, ok := strings.CutPrefix(digits, code); ok {
			return len(rest) == n && rest[0] != '0'
		}
	}
	return len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0'
}
