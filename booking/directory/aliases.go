package directory

import (
	"slices"
	"strings"
)

const (
	mergedBy        = "__"                    // between the parts of an id that deduplication made of several
	inclusionPrefix = "mediation-numerique--" // before the id of a place, in the ids of data·inclusion
	coopSource      = "coop numerique"        // folded; before the uuid that the Coop knows a place by
)

// aliases are the other names of a place, sorted: each part of a merged id, the uuid of the Coop in it, each of
// them with dashes where it has spaces, and the id that data·inclusion gives it.
func aliases(id string) []string {
	if !strings.ContainsAny(id, "_ ") && !strings.HasPrefix(id, inclusionPrefix) { // as most are
		return []string{inclusionPrefix + id}
	}
	names := []string{id}
	if inner, ok := strings.CutPrefix(id, inclusionPrefix); ok {
		names = append(names, inner)
	} else {
		names = append(names, inclusionPrefix+id)
	}
	for _, part := range parts(id) {
		names = append(names, part)
		if source, uuid, ok := strings.Cut(part, "_"); ok && uuid != "" && fold(source) == coopSource {
			names = append(names, uuid)
		}
	}
	for _, name := range names {
		if strings.Contains(name, " ") {
			names = append(names, strings.ReplaceAll(name, " ", "-"))
		}
	}
	slices.Sort(names)
	return slices.Clone(slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == id })) // in no more room than it takes
}

// parts are the ids that a merged id is made of; the id alone when it is not merged.
func parts(id string) []string {
	return slices.DeleteFunc(strings.Split(id, mergedBy), func(part string) bool { return part == "" })
}
