package booking

import (
	"reflect"
	"testing"
)

// What a search has looked at around its point is not looked at again for a place elsewhere: only if there was nothing else that it
// looked for, whatever fields a filter has.
func TestAFilterThatIsOnlyAround(t *testing.T) {
	near := &Point{Latitude: 44.7, Longitude: 5}
	for i := range reflect.TypeFor[PlaceFilter]().NumField() {
		f := PlaceFilter{Near: near}
		field := reflect.ValueOf(&f).Elem().Field(i)
		switch field.Kind() {
		case reflect.Slice:
			field.Set(reflect.ValueOf([]string{"x"}))
		case reflect.String:
			field.SetString("x")
		case reflect.Float64:
			field.SetFloat(1)
		}
		if want := reflect.DeepEqual(f.elsewhere(near), f); f.onlyAround() != want {
			t.Errorf("with %s: %t", reflect.TypeFor[PlaceFilter]().Field(i).Name, !want)
		}
	}
	if (&PlaceFilter{}).onlyAround() {
		t.Error("without a point")
	}
}
