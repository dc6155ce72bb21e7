package booking

import (
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// What is said of an appointment at the telephone: its code, and the name of the person.

// spoken is Crockford's alphabet: no letter of it is taken for a figure, or for another when it is written.
var spoken = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

const codeBytes = 5 // of the id: 8 characters

// Code is by what a person names her appointment, the same through its moves: the first 40 of the 128 random bits of the first
// id that it had. Empty where that is no id of ours.
func (a Appointment) Code() string {
	b, err := hex.DecodeString(a.Chain[:min(2*codeBytes, len(a.Chain))])
	if err != nil || len(b) != codeBytes {
		return ""
	}
	return spoken.EncodeToString(b)
}

// CodeInWords is a code as it is printed and read aloud, in two parts.
func CodeInWords(code string) string {
	if len(code) < 4 {
		return code
	}
	return code[:4] + "-" + code[4:]
}

// misread are the letters that codes do not have, for what they are taken for.
var misread = strings.NewReplacer("I", "1", "L", "1", "O", "0", " ", "", "-", "", ".", "", "\u00a0", "")

// ReadCode is what the ids begin with that have a code, however it was written; false where it is none.
func ReadCode(text string) (start string, ok bool) {
	text = misread.Replace(strings.ToUpper(text))
	b, err := spoken.DecodeString(text)
	if err != nil || len(b) != codeBytes || spoken.EncodeToString(b) != text {
		return "", false
	}
	return hex.EncodeToString(b), true
}

// IsCalled reports whether the person has a family name, whatever its capitals, blanks, hyphens and apostrophes.
func (b Beneficiary) IsCalled(name string) bool {
	want := folded(b.LastName)
	return want != "" && want == folded(Name(name))
}
