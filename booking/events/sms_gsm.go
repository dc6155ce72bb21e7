package events

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What fits into one short message (3GPP TS 23.038, once GSM 03.38). With any other character it would be another
// alphabet, in which 70 fit.
const (
	smsSeptets = 160
	gsmBasic   = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice   = "^{}\\[~]|€" // of the extension: an escape each
)

// gsmInstead is what is written for what would otherwise lose its sense.
var gsmInstead = strings.NewReplacer(
	"œ", "oe", "Œ", "OE", "’", "'", "‘", "'", "ʼ", "'", "`", "'", "´", "'", "“", "\"", "”", "\"", "„", "\"", "«", "\"", "»", "\"",
	"–", "-", "—", "-", "‑", "-", "‐", "-", "−", "-", "…", "...", "•", "-", "·", "-", "№", "No", "°", "o", "×", "x", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ı", "i", "þ", "th", "Þ", "Th", "ð", "d",
)

// gsm writes a line in the alphabet of short messages: a letter that is not in it loses its accents (ê is e; é, è, à stay),
// what has no likeness is a question mark, and what is no letter goes.
func gsm(line string) string {
	var b strings.Builder
	for _, r := range gsmInstead.Replace(norm.NFC.String(line)) {
		if inGSM(r) {
			b.WriteRune(r)
			continue
		}
		for _, part := range norm.NFKD.String(string(r)) {
			switch {
			case inGSM(part):
				b.WriteRune(part)
			case unicode.IsLetter(part), unicode.IsDigit(part):
				b.WriteByte('?')
			case unicode.IsSpace(part):
				b.WriteByte(' ')
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func inGSM(r rune) bool {
	return strings.ContainsRune(gsmBasic, r) || strings.ContainsRune(gsmTwice, r)
}

// septets is how much room a text takes; of the alphabet alone.
func septets(s string) (n int) {
	for _, r := range s {
		n++
		if strings.ContainsRune(gsmTwice, r) {
			n++
		}
	}
	return n
}

// cutTo is the beginning of a text that takes no more than so much room.
func cutTo(s string, room int) string {
	for i, r := range s {
		if room -= septets(string(r)); room < 0 {
			return strings.TrimRight(s[:i], " ,.")
		}
	}
	return s
}
