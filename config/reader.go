package config

import (
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// source is where a value came from.
type source struct {
	variable     string // empty when it stands in the file
	line, column int
}

// reader fills a struct from a file and from variables, and remembers where each value came from, so that a check
// that comes later can name the key or the variable that is wrong.
type reader struct {
	problems []Problem
	origin   map[string]source // by path; what is not in it was not given
	wrong    map[string]bool   // paths whose value was refused, so that no check complains of it twice
	anchors  map[string]ast.Node
	visited  int // nodes, to bound what aliases multiply
}

func newReader() *reader {
	return &reader{origin: make(map[string]source), wrong: make(map[string]bool), anchors: make(map[string]ast.Node)}
}

func (r *reader) err(file string) error {
	if len(r.problems) == 0 {
		return nil
	}
	return &Error{File: file, Problems: r.problems}
}

// mostProblems are told at once; nobody reads more.
const mostProblems = 100

func (r *reader) add(p Problem) {
	switch n := len(r.problems); {
	case n < mostProblems:
		r.problems = append(r.problems, p)
	case n == mostProblems:
		r.problems = append(r.problems, Problem{Reason: "il y a d'autres problèmes : corrigez d'abord ceux-ci"})
	}
}

// given reports whether the value at path was written somewhere, well or badly.
func (r *reader) given(path string) bool {
	_, ok := r.origin[path]
	return ok
}

// report adds a problem of the value at path. What was not written has the position of what would contain it.
func (r *reader) report(path, reason string) {
	r.wrong[path] = true
	for at := path; at != ""; at = parent(at) {
		s, ok := r.origin[at]
		switch {
		case ok && s.variable != "":
			r.add(Problem{Key: s.variable, Reason: reason})
			return
		case ok:
			r.add(Problem{Key: path, Line: s.line, Column: s.column, Reason: reason})
			return
		}
	}
	r.add(Problem{Key: path, Reason: reason})
}

// parent is the path without its last key or index.
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// outside is what the program hands in of the world.
type outside struct {
	env      func(string) (string, bool)
	readFile func(string) ([]byte, error)
}

// environment reads the variables over v: one per key that holds a scalar or a list of scalars, whose elements are
// separated by blanks. A secret may also stand in the file that the variable with _FILE names. Agendas have none.
func (r *reader) environment(path string, v reflect.Value, from outside) {
	for _, f := range fieldsOf(v) {
		at := join(path, f.key)
		switch {
		case isLeaf(f.value.Type()), isList(f.value.Type()):
			if words, ok := r.variable(at, f, from); ok {
				r.setWords(at, f, words)
			}
		case f.value.Kind() == reflect.Struct:
			r.environment(at, f.value, from)
		}
	}
}

// variable finds the words of a key in its variable, or in the file that the variable names.
func (r *reader) variable(path string, f field, from outside) ([]string, bool) {
	name := variableOf(path)
	text, direct := from.env(name)
	file, named := "", false
	if isSecret(f.value.Type()) {
		file, named = from.env(name + "_FILE")
	}
	switch {
	case direct && named:
		r.origin[path] = source{variable: name}
		r.report(path, name+"_FILE est donnée aussi : gardez l'une des deux")
	case named:
		r.origin[path] = source{variable: name + "_FILE"}
		words, reason := wordsOfFile(file, from.readFile)
		if reason == "" {
			return words, true
		}
		r.report(path, reason)
	case direct:
		r.origin[path] = source{variable: name}
		if isList(f.value.Type()) {
			return strings.Fields(text), true
		}
		return []string{text}, true
	}
	return nil, false
}

// setWords sets a scalar or a list. An empty variable is refused: it is more often a mistake than a wish, and the
// way to say nothing is to leave it out.
func (r *reader) setWords(path string, f field, words []string) {
	set := func(f field, text string) {
		if reason := setScalar(f, text); reason != "" {
			r.report(path, reason)
		}
	}
	switch {
	case len(words) == 0:
		r.report(path, "la valeur est vide : donnez-en une, ou retirez la variable")
	case isLeaf(f.value.Type()) && len(words) == 1:
		set(f, words[0])
	case isLeaf(f.value.Type()):
		r.report(path, "une seule valeur est attendue")
	default:
		list := reflect.MakeSlice(f.value.Type(), len(words), len(words))
		for i, word := range words {
			r.origin[index(path, i)] = r.origin[path]
			set(field{f.key, f.tag, list.Index(i)}, word)
		}
		f.value.Set(list)
	}
}

// wordsOfFile reads a small file that holds a value, or several separated by blanks.
func wordsOfFile(path string, readFile func(string) ([]byte, error)) (words []string, reason string) {
	data, err := readFile(path)
	if err != nil {
		return nil, reasonOfFile(path, err)
	}
	if words = strings.Fields(strings.TrimPrefix(string(data), byteOrderMark)); len(words) == 0 {
		return nil, "le fichier " + quote(path) + " est vide"
	}
	return slices.Clip(words), ""
}

func reasonOfFile(path string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "le fichier " + quote(path) + " n'existe pas"
	case errors.Is(err, fs.ErrPermission):
		return "le fichier " + quote(path) + " ne peut pas être lu : les droits manquent"
	}
	return "le fichier " + quote(path) + " ne peut pas être lu : " + err.Error()
}
