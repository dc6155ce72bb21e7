package api

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http/httptest"
	"reflect"
	"strconv"
	"testing"
	"time"
)

// drawn is a value of a type with everything in it that a random source fills: lists, pointers, texts that JSON escapes.
func drawn(random *rand.Rand, v reflect.Value) {
	texts := []string{"", "plain", "É l’heure", "a\"b\\c", "<b>&amp;</b>", "\u2028\u2029", "\n\t\x00", "\xff\xfe", "日本", "https://exemple.example/?a=b"}
	numbers := []float64{0, 1, -61.5, 0.0000001, 1e21, 44.7286, 12.35, -0.000001}
	zones := []*time.Location{time.UTC, time.FixedZone("", 3600), time.FixedZone("", -3*3600-1800)}
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[random.IntN(len(texts))])
	case reflect.Int:
		v.SetInt(int64(random.IntN(2000) - 1000))
	case reflect.Float64:
		v.SetFloat(numbers[random.IntN(len(numbers))])
	case reflect.Pointer:
		if random.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			drawn(random, v.Elem())
		}
	case reflect.Slice:
		if n := random.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range v.Len() {
				drawn(random, v.Index(i))
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range random.IntN(4) {
			v.SetMapIndex(reflect.ValueOf(texts[random.IntN(len(texts))]+strconv.Itoa(random.IntN(9))), reflect.ValueOf(random.IntN(9)))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			at := time.Unix(random.Int64N(4e9), random.Int64N(1e3)*1e6)
			v.Set(reflect.ValueOf(at.In(zones[random.IntN(len(zones))])))
			return
		}
		for i := range v.NumField() {
			drawn(random, v.Field(i))
		}
	default:
		panic(v.Kind())
	}
}

// What is written by hand is what encoding/json writes of the types that the document makes, whatever is in them.
func TestWhatIsWrittenByHandIsTheSameJSON(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 3000 {
		var search GetCreneaux200JSONResponse
		var slots CreneauxDuLieu
		drawn(random, reflect.ValueOf(&search).Elem())
		drawn(random, reflect.ValueOf(&slots).Elem())
		ofSearch, ofSlots := httptest.NewRecorder(), httptest.NewRecorder()
		if err := placesInJSON(search).VisitGetCreneauxResponse(ofSearch); err != nil {
			t.Fatal(err)
		}
		if err := slotsInJSON(slots).VisitGetCreneauxDuLieuResponse(ofSlots); err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			got  *httptest.ResponseRecorder
			want any
		}{{ofSearch, search}, {ofSlots, slots}} {
			var want bytes.Buffer
			if err := json.NewEncoder(&want).Encode(one.want); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one.got.Body.Bytes(), want.Bytes()) {
				t.Fatalf("%s\nwant %s", one.got.Body, &want)
			}
			if length := one.got.Header().Get("Content-Length"); length != strconv.Itoa(want.Len()) {
				t.Fatalf("length %s of %d", length, want.Len())
			}
		}
	}
}
