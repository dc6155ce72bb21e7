package directory

import "strings"

// listSeparator is that of v1.0.x; v0.1 had a semicolon.
const listSeparator = "|"

// splitList splits a value of a list column: at "|", or else, in files that know no "|", at ";". No value of the
// standard holds either.
func splitList(value string) []string {
	if !strings.Contains(value, listSeparator) {
		value = strings.ReplaceAll(value, ";", listSeparator)
	}
	return splitAt(value)
}

// splitLinks splits a list of web addresses. An address may hold a semicolon, so one separates only where another
// address begins.
func splitLinks(value string) []string {
	parts := strings.Split(value, ";")
	var b strings.Builder
	b.WriteString(parts[0])
	for _, part := range parts[1:] {
		start := strings.ToLower(strings.TrimSpace(part))
		if strings.HasPrefix(start, "http") || strings.HasPrefix(start, "www.") || start == "" {
			b.WriteString(listSeparator)
		} else {
			b.WriteByte(';')
		}
		b.WriteString(part)
	}
	return splitAt(b.String())
}

// splitAt splits at "|" and leaves out what is blank.
func splitAt(value string) []string {
	var list []string
	for part := range strings.SplitSeq(value, listSeparator) {
		if part = clean(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
