package main

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"passerelle/config"
	"passerelle/internal/held"
)

// What is not listed does not reach the log, however it is brought there.
func TestTheLogHasListedAttributesOnly(t *testing.T) {
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		l := slog.New(listed{h, &lines{to: &out}})
		l.Info("x", "usager", "canari", "agenda", "connu-1")
		l.With("telephone", "canari", "lieu", "connu-2").Info("x")
		l.WithGroup("connecteur").Info("x", "courriel", "canari", "nom", "connu-3")
		l.Info("x", slog.Group("connecteur", "prenom", "canari", slog.Group("dedans", "adresse", "canari", "err", errors.New("connu-4"))))
		l.Info("x", "besoin", slog.AnyValue(struct{ S string }{"canari"}), "page", slog.StringValue("connu-5"))
	}
	if strings.Contains(out.String(), "canari") {
		t.Errorf("the log has what is not listed:\n%s", &out)
	}
	for _, known := range []string{"connu-1", "connu-2", "connu-3", "connu-4", "connu-5"} {
		if strings.Count(out.String(), known) != 2 {
			t.Errorf("%s is listed, and not in the log", known)
		}
	}
}

// Lines of calls wait for each other, for a moment; a warning comes at once, after what was said before; at the end nothing is held.
func TestLinesAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out held.Text
		l, lines := program{err: &out}.logger(config.Config{})
		has := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for line := range strings.Lines(out.String()) {
				got = append(got, strings.TrimSpace(line[strings.Index(line, "msg=")+4:]))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		l.Info("a")
		has("before they are gathered", "a")
		stop := lines.gather()
		l.Info("b")
		time.Sleep(gatherFor - time.Nanosecond)
		l.Info("c")
		has("gathered", "a")
		time.Sleep(time.Nanosecond)
		has("a moment later", "a", "b", "c")
		time.Sleep(time.Hour)
		l.Info("d")
		l.With("lieu", "x").Warn("e")
		has("with a warning", "a", "b", "c", "d", "e lieu=x")
		l.Info("f")
		if err := stop(); err != nil {
			t.Error(err)
		}
		has("at the end", "a", "b", "c", "d", "e lieu=x", "f")
		l.Info("g")
		has("afterwards", "a", "b", "c", "d", "e lieu=x", "f", "g")
	})
}

// What is held is bounded.
func TestManyLinesAreWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out held.Text
		lines := &lines{to: &out}
		stop := lines.gather()
		line := bytes.Repeat([]byte("x"), 1000)
		for range 1000 {
			if n, err := lines.Write(line); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
		if missing := 1000*1000 - len(out.String()); missing < 0 || missing > gatherMost {
			t.Errorf("%d bytes are held", missing)
		}
		if err := stop(); err != nil || len(out.String()) != 1000*1000 {
			t.Errorf("%d bytes, %v", len(out.String()), err)
		}
	})
}

// Every attribute that the program logs is listed, and no other: what somebody adds, somebody has thought about.
func TestEveryAttributeOfTheTreeIsListed(t *testing.T) {
	used := make(map[string]string)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || strings.HasSuffix(d.Name(), "test") || path == "../../internal" || path == "../../config"): // tests, and what nobody logs
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, key := range attributesOf(file) {
			used[key] = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, path := range used {
		if !slices.Contains(logged, key) {
			t.Errorf("%s logs %q, which is not listed", path, key)
		}
	}
	if !slices.IsSorted(logged) {
		t.Error("the list is not in order")
	}
	for _, key := range logged {
		if used[key] == "" {
			t.Errorf("%q is listed, and nobody logs it", key)
		}
	}
	if len(used) < 15 {
		t.Errorf("only %d attributes were found", len(used))
	}
}

// attributesOf are the keys of the calls of a logger, and of slog's own makers of attributes.
func attributesOf(file *ast.File) (keys []string) {
	messages := map[string]int{"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "With": 0, "Group": 1, "Log": 3}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		first, named := messages[f.Sel.Name]
		switch of, isName := f.X.(*ast.Ident); {
		case isName && of.Name == "slog" && slices.Contains([]string{"Any", "Bool", "Duration", "Float64", "Int", "Int64", "String", "Time", "Uint64"}, f.Sel.Name):
			keys = append(keys, literals(call.Args[:1])...)
			return true
		case !named || !isLogger(f.X) && !(isName && of.Name == "slog"):
			return true
		}
		for i := first; i < len(call.Args); i++ {
			if key := literals(call.Args[i : i+1]); key != nil {
				keys = append(keys, key...)
				i++ // its value
			}
		}
		return true
	})
	return keys
}

func isLogger(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return strings.EqualFold(x.Name, "logger")
	case *ast.SelectorExpr:
		return strings.EqualFold(x.Sel.Name, "logger")
	}
	return false
}

func literals(list []ast.Expr) (out []string) {
	for _, x := range list {
		if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				out = append(out, text)
			}
		}
	}
	return out
}
