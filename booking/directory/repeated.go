package directory

import (
	"slices"
	"strings"
)

// repeated is what many rows of a file say alike: their places share it. A file says the same few services, hours and communes
// thousands of times.
type repeated struct {
	texts   map[string]string
	days    map[string]string                // as they are written → YYYY-MM-DD
	lists   [columnCount]map[string][]string // by column, as they are written
	deduced map[[2]string]string             // postal code and commune → INSEE code
}

func newRepeated() repeated {
	r := repeated{texts: make(map[string]string), days: make(map[string]string), deduced: make(map[[2]string]string)}
	for c := range r.lists {
		r.lists[c] = make(map[string][]string)
	}
	return r
}

// keep makes each text the one that an earlier row had, or else its own, so that it does not hold on to its row.
func (r *repeated) keep(texts ...*string) {
	for _, text := range texts {
		known, ok := r.texts[*text]
		if !ok {
			known = strings.Clone(*text)
			r.texts[known] = known
		}
		*text = known
	}
}

// list gives the list that is written so in a column, with each value as read has it. Nobody may change it.
func (r *repeated) list(c column, written string, read func(string) string) []string {
	if list, ok := r.lists[c][written]; ok {
		return list
	}
	written = strings.Clone(written)
	list := slices.Clip(splitList(written))
	for i, value := range list {
		list[i] = read(value)
	}
	r.lists[c][written] = list
	return list
}

// day notes what is meant by a day that is written so.
func (r *repeated) day(written, day string) string {
	r.days[strings.Clone(written)] = day
	return day
}

func (r *repeated) deduce(from *communes, postalCode, commune string) string {
	at := [2]string{postalCode, commune}
	code, ok := r.deduced[at]
	if !ok {
		code = from.deduce(postalCode, commune)
		r.deduced[at] = code
	}
	return code
}

// keep moves texts of one row into a text of their own: they would hold on to all of it, and to the separators.
func keep(texts []*string) {
	size := 0
	for _, text := range texts {
		size += len(*text)
	}
	var b strings.Builder
	b.Grow(size)
	for _, text := range texts {
		b.WriteString(*text)
	}
	all := b.String()
	for _, text := range texts {
		*text, all = all[:len(*text)], all[len(*text):]
	}
}

// pointers are those to the texts of lists.
func pointers(lists ...[]string) (texts []*string) {
	for _, list := range lists {
		for i := range list {
			texts = append(texts, &list[i])
		}
	}
	return texts
}
