package config

import (
	"encoding/json"
	"log/slog"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// field is a key and the place where its value goes.
type field struct {
	key   string
	tag   reflect.StructTag
	value reflect.Value
}

// fieldsOf lists the keys of a struct; those of an embedded struct count as its own.
func fieldsOf(v reflect.Value) []field {
	var list []field
	for i := range v.NumField() {
		switch f := v.Type().Field(i); {
		case f.Anonymous:
			list = append(list, fieldsOf(v.Field(i))...)
		default:
			list = append(list, field{f.Tag.Get("key"), f.Tag, v.Field(i)})
		}
	}
	return list
}

var (
	settingsType = reflect.TypeFor[json.RawMessage]()
	leafTypes    = map[reflect.Type]bool{
		reflect.TypeFor[string]():         true,
		reflect.TypeFor[bool]():           true,
		reflect.TypeFor[int]():            true,
		reflect.TypeFor[time.Duration]():  true,
		reflect.TypeFor[netip.Prefix]():   true,
		reflect.TypeFor[MasterSecret]():   true,
		reflect.TypeFor[SecretText]():     true,
		reflect.TypeFor[slog.Level]():     true,
		reflect.TypeFor[*time.Location](): true,
	}
)

// isLeaf reports whether a value is written as one scalar.
func isLeaf(t reflect.Type) bool { return leafTypes[t] }

// isList reports whether a value is a list of scalars.
func isList(t reflect.Type) bool { return !isLeaf(t) && t.Kind() == reflect.Slice && isLeaf(t.Elem()) }

// isSecret reports whether a value must never be shown.
func isSecret(t reflect.Type) bool {
	secret := reflect.TypeFor[MasterSecret]()
	return t == secret || t == reflect.TypeFor[SecretText]() || t.Kind() == reflect.Slice && t.Elem() == secret
}

// Where a key stands: "journal.niveau", "agendas[0]".
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// variableOf is the environment variable of a key: "journal.niveau" is PASSERELLE_JOURNAL_NIVEAU.
func variableOf(path string) string {
	return "PASSERELLE_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}
