package booking

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// plainly writes a text with the signs that the patterns below know: texts come out of word processors and telephones,
// which have spaces, hyphens and apostrophes of their own.
var plainly = strings.NewReplacer(
	"\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2007", " ", "\t", " ", // no-break, narrow no-break, thin, figure
	"\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2212", "-", // hyphens, dashes, minus
	"\u2019", "'", "\u02bc", "'", // typographic and letter apostrophes
)

// unseparated drops what people put between the groups of a number.
var unseparated = strings.NewReplacer(" ", "", ".", "", "-", "")

// What has no business in a free text, whoever wrote it there: it would be shown to people, and kept.
var (
	// socialSecurity is a number of the French register: sex, year, month, département, commune, order, and its key.
	socialSecurity = regexp.MustCompile(`\b[12](?:[ .-]?\d){4}[ .-]?(?:\d[ .-]?\d|2[ .-]?[ABab])(?:[ .-]?\d){6}[ .-]?\d[ .-]?\d\b`)
	// bankAccount is ISO 13616.
	bankAccount = regexp.MustCompile(`\b[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]){11,30}\b`)
	// passwordSaid is a word for a secret, and what stands behind it.
	passwordSaid = regexp.MustCompile(`(?i)\b(?:mots? de passe|mdp|password|passwd|code (?:secret|confidentiel|pin)|code d'accès)\s*(?:[:=]|est\b)\s*\S`)
)

// Confidential says what a free text holds that it must not ("contient un numéro de sécurité sociale"); empty when there is
// nothing.
func Confidential(text string) string {
	text = plainly.Replace(text)
	for _, found := range socialSecurity.FindAllString(text, -1) {
		if isSocialSecurity(found) {
			return "contient un numéro de sécurité sociale"
		}
	}
	for _, found := range bankAccount.FindAllString(text, -1) {
		if isBankAccount(found) {
			return "contient un numéro de compte bancaire"
		}
	}
	if passwordSaid.MatchString(text) {
		return "contient un mot de passe ou un code"
	}
	return ""
}

// corsican are the départements that are no numbers, with what they count as.
var corsican = strings.NewReplacer("2A", "19", "2a", "19", "2B", "18", "2b", "18")

// isSocialSecurity checks the key: 97 less the rest of the number by 97.
func isSocialSecurity(text string) bool {
	digits := corsican.Replace(unseparated.Replace(text))
	if len(digits) != 15 {
		return false
	}
	number, err := strconv.ParseInt(digits[:13], 10, 64)
	if err != nil {
		return false
	}
	key, err := strconv.ParseInt(digits[13:], 10, 64)
	return err == nil && key == 97-number%97
}

// accountLengths are the characters of an account number, by country (ISO 13616, the countries of SEPA).
var accountLengths = map[string]int{
	"AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22,
	"GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18,
	"NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}

// isBankAccount checks the key (ISO 7064, mod 97-10). The words behind a number may look like more of it.
func isBankAccount(text string) bool {
	plain := strings.ToUpper(unseparated.Replace(text))
	n := accountLengths[plain[:2]]
	if n == 0 || len(plain) < n {
		return false
	}
	var digits strings.Builder
	for _, c := range plain[4:n] + plain[:4] {
		if c >= 'A' {
			digits.WriteString(strconv.Itoa(int(c-'A') + 10))
			continue
		}
		digits.WriteRune(c)
	}
	number, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(number, big.NewInt(97)).Int64() == 1
}
