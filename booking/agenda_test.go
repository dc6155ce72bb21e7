package booking

import (
	"encoding/json"
	"reflect"
	"testing"

	"passerelle/connectors"
)

// Whatever lists a connection has, now or later: to alter a clone alters nothing else.
func TestACloneHasNoListInCommon(t *testing.T) {
	beside := connectors.Connection{Settings: json.RawMessage(`{}`)}
	c := Connection{
		Connection: beside, Places: []string{"a"}, Links: []string{"b"}, Beside: []connectors.Connection{beside},
		Motifs: []Motif{{Services: []string{"c"}, Bring: []string{"d"}, Required: []string{"e"}, Reception: []string{"f"}}},
	}
	clone := c.Clone()
	if !reflect.DeepEqual(clone, c) {
		t.Errorf("the clone of %+v is %+v", c, clone)
	}
	lists := 0
	var compare func(what string, a, b reflect.Value)
	compare = func(what string, a, b reflect.Value) {
		switch a.Kind() {
		case reflect.Struct:
			for i := range a.NumField() {
				compare(what+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
			}
		case reflect.Slice:
			lists++
			if a.Len() == 0 || a.Pointer() == b.Pointer() {
				t.Errorf("%s: %d elements, of both", what, a.Len())
				return
			}
			compare(what+"[0]", a.Index(0), b.Index(0))
		case reflect.Map:
			t.Errorf("%s is of a kind that this test does not compare", what)
		}
	}
	compare("Connection", reflect.ValueOf(c), reflect.ValueOf(clone))
	if lists < 9 {
		t.Errorf("%d lists were compared", lists)
	}
}
