package directory

import (
	"maps"
	"slices"
	"strings"
)

// lexicon is every word of the names of places and of their communes, folded, in order.
type lexicon struct {
	words  []string
	places []*posting // of each word
}

func newLexicon(places []sortable) lexicon {
	of := postings{}
	for i, s := range places {
		for _, name := range []string{s.name, foldName(s.place.Commune)} {
			for word := range strings.FieldsSeq(name) {
				of.add(word, uint32(i)) // #nosec G115 -- as in addPlaces
			}
		}
	}
	of.pack(len(places))
	l := lexicon{words: slices.Sorted(maps.Keys(of)), places: make([]*posting, len(of))}
	for i, word := range l.words {
		l.words[i], l.places[i] = strings.Clone(word), of[word] // a word alone, without the name that it was met in
	}
	return l
}

// beginning answers the postings of the words that begin so.
func (l lexicon) beginning(with string) []*posting {
	from, _ := slices.BinarySearch(l.words, with)
	more, _ := slices.BinarySearchFunc(l.words[from:], with, func(word, with string) int {
		if strings.HasPrefix(word, with) {
			return -1
		}
		return 1
	})
	return l.places[from : from+more]
}
