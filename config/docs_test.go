package config

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documented is a row of the tables of docs/configuration.md, by key.
var documented = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|(.*)$")

// keysOf lists every key of the schema that holds a value, with what its row must say.
func keysOf(path string, t reflect.Type) map[string][]string {
	keys := make(map[string][]string)
	for _, f := range fieldsOf(reflect.New(t).Elem()) {
		at, kind := join(path, f.key), f.value.Type()
		var says []string
		if low, high, bounded := strings.Cut(f.tag.Get("bounds"), ".."); bounded {
			says = append(says, "de "+low+" à "+high)
		}
		for value := range strings.FieldsSeq(f.tag.Get("oneof")) {
			says = append(says, "`"+value+"`")
		}
		switch {
		case isLeaf(kind), isList(kind), kind == settingsType:
			if !strings.HasPrefix(path, "agendas") {
				says = append(says, "`"+variableOf(at)+"`")
			}
			if isSecret(kind) {
				says = append(says, "`"+variableOf(at)+"_FILE`")
			}
			keys[at] = says
		case kind.Kind() == reflect.Struct:
			maps.Copy(keys, keysOf(at, kind))
		default:
			if path != "" {
				keys[at] = nil // "agendas" itself is a heading
			}
			maps.Copy(keys, keysOf(at+"[]", kind.Elem()))
		}
	}
	return keys
}

func TestEveryKeyIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]string)
	for _, m := range documented.FindAllStringSubmatch(string(text), -1) {
		if _, twice := rows[m[1]]; twice {
			t.Errorf("%s has two rows", m[1])
		}
		rows[m[1]] = m[2]
	}
	keys := keysOf("", reflect.TypeFor[Config]())
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		row, ok := rows[key]
		if !ok {
			t.Errorf("%s is not documented", key)
		}
		for _, says := range keys[key] {
			if ok && !strings.Contains(row, says) {
				t.Errorf("the row of %s does not say %q", key, says)
			}
		}
	}
	for key := range rows {
		if _, ok := keys[key]; !ok {
			t.Errorf("%s is documented and does not exist", key)
		}
	}
}

// TestDefaultsAreDocumented compares the words of the table with the values of the program.
func TestDefaultsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	d := defaults()
	for key, want := range map[string]string{
		"ecoute": d.Listen, "donnees": d.DataDir, "journal.niveau": levelName(d.Log.Level), "journal.format": d.Log.Format,
		"jours_feries_fermes":         fmt.Sprint(d.ClosedOnHolidays),
		"limites.lectures_par_minute": fmt.Sprint(d.Limits.Reads), "limites.ecritures_par_minute": fmt.Sprint(d.Limits.Writes), "limites.verifications_par_minute": fmt.Sprint(d.Limits.Checks),
		"limites.jetons_par_minute": fmt.Sprint(d.Limits.Tokens), "limites.publiques_par_minute": fmt.Sprint(d.Limits.Public),
		"limites.inconnus_par_minute": fmt.Sprint(d.Limits.Unknown), "limites.simultanees": fmt.Sprint(d.Limits.InFlight),
	} {
		if !regexp.MustCompile("(?m)^\\| `" + key + "` .*Par défaut `" + regexp.QuoteMeta(want) + "`").Match(text) {
			t.Errorf("the row of %s does not say that its default is %s", key, want)
		}
	}
	for key, want := range map[string]any{"relecture": d.Reread, "reservation": d.HoldFor, "fraicheur": d.Fresh, "peremption": d.Stale} {
		m := regexp.MustCompile("(?m)^\\| `" + key + "` .*Par défaut `([^`]+)`").FindSubmatch(text)
		if m == nil || mustDuration(string(m[1])) != want {
			t.Errorf("the row of %s says %s, the default is %v", key, m, want)
		}
	}
}

// TestSchemaIsSound walks the bounds, which are read only when a value is: a wrong one would panic at that moment.
func TestSchemaIsSound(t *testing.T) {
	var walk func(reflect.Type)
	walk = func(kind reflect.Type) {
		for _, f := range fieldsOf(reflect.New(kind).Elem()) {
			if f.key == "" {
				t.Errorf("a field of %v has no key", kind)
			}
			switch k := f.value.Type(); {
			case isLeaf(k), isList(k):
				if isLeaf(k) {
					setScalar(f, "1")
				}
			case k == settingsType:
			case k.Kind() == reflect.Struct:
				walk(k)
			default:
				walk(k.Elem())
			}
		}
	}
	walk(reflect.TypeFor[Config]())
}
