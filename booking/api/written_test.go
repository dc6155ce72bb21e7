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

	"passerelle/booking"
)

var signer, _ = booking.NewSlotSigner(bytes.Repeat([]byte("clé "), 8))

// draw fills a value with whatever there may be in it: lists, pointers, texts that JSON escapes.
func draw(random *rand.Rand, v reflect.Value) {
	texts := []string{"", "plain", "É l’heure", "a\"b\\c", "<b>&amp;</b>", "\u2028\u2029", "\n\t\x00", "\xff\xfe", "日本", "https://exemple.example/?a=b"}
	numbers := []float64{0, 1, -61.5, 0.0000001, 1e21, 44.7286, 12.35, -0.000001}
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[random.IntN(len(texts))])
	case reflect.Int:
		v.SetInt(int64(random.IntN(2000) - 1000))
	case reflect.Int64:
		v.SetInt(random.Int64N(4e9))
	case reflect.Float64:
		v.SetFloat(numbers[random.IntN(len(numbers))])
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 0)
	case reflect.Pointer:
		switch {
		case v.Type() == reflect.TypeFor[*time.Location]():
			v.Set(reflect.ValueOf([]*time.Location{nil, time.UTC, time.FixedZone("a", 3600), time.FixedZone("<b>", -3*3600-1800)}[random.IntN(4)]))
		case v.Type() == reflect.TypeFor[*booking.MotifSigner]():
			v.Set(reflect.ValueOf([]*booking.MotifSigner{nil, signer.Of(booking.SlotRef{Place: "a", Motif: texts[random.IntN(len(texts))]})}[random.IntN(2)]))
		case v.Type() == reflect.TypeFor[*booking.PlacedMotif]() || v.Type() == reflect.TypeFor[*booking.Motif]() || random.IntN(3) > 0:
			v.Set(reflect.New(v.Type().Elem()))
			draw(random, v.Elem())
		}
	case reflect.Slice:
		if n := random.IntN(4); n > 0 && v.Type().Elem().Kind() != reflect.Interface && v.Type() != reflect.TypeFor[[]*booking.Agenda]() {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range v.Len() {
				draw(random, v.Index(i))
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			if random.IntN(4) > 0 {
				v.Set(reflect.ValueOf(time.Unix(random.Int64N(4e9), random.Int64N(2)*random.Int64N(1e9))))
			}
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				draw(random, v.Field(i))
			}
		}
	}
}

// drawn is a value of a type, filled so.
func drawn[T any](random *rand.Rand) *T {
	var x T
	draw(random, reflect.ValueOf(&x).Elem())
	return &x
}

// What is written by hand is what encoding/json writes of the types that the document makes, whatever is in them.
func TestWhatIsWrittenByHandIsTheSameJSON(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	s := &server{}
	for range 3000 {
		found := booking.SlotResults{States: map[booking.State]int{booking.Fresh: random.IntN(9), "a<b": 1}}
		found.Total, found.Page.Page, found.Size = random.IntN(99), random.IntN(9), 1+random.IntN(9)
		for range random.IntN(4) {
			found.Items = append(found.Items, *drawnResult(random))
		}
		slots := slotsInJSON{server: s, of: drawnOffer(random)}
		if random.IntN(2) == 0 {
			found.Nearest = drawnNearest(random)
			slots.after = drawn[booking.Instead](random)
			slots.after.Nearest = found.Nearest
		}
		ofSearch, ofSlots := httptest.NewRecorder(), httptest.NewRecorder()
		if err := (placesInJSON{s, nil, found}).VisitGetCreneauxResponse(ofSearch); err != nil {
			t.Fatal(err)
		}
		if err := slots.VisitGetCreneauxDuLieuResponse(ofSlots); err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			got  *httptest.ResponseRecorder
			want any
		}{{ofSearch, placesOf(found)}, {ofSlots, slotsOf(slots)}} {
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

func drawnOffer(random *rand.Rand) *booking.Offer {
	o := drawn[booking.Offer](random)
	o.Place = drawn[booking.Place](random)
	o.Place.Number = random.IntN(20)
	return o
}

func drawnNearest(random *rand.Rand) *booking.Nearest {
	n := drawn[booking.Nearest](random)
	n.Place = drawn[booking.Place](random)
	return n
}

func drawnResult(random *rand.Rand) *booking.SlotResult {
	if random.IntN(4) == 0 {
		return &booking.SlotResult{Asked: "inconnu"}
	}
	r := drawn[booking.SlotResult](random)
	r.Offer = *drawnOffer(random)
	return r
}

// The answers as the generated types have them.

func slotsOf(r slotsInJSON) CreneauxDuLieu {
	zone := r.of.Place.Zone
	out := CreneauxDuLieu{
		LieuId: r.of.Place.ID, Etat: Etat(r.of.State), ObserveLe: when(r.of.ObservedAt, zone), SourceLe: when(r.of.SourceAt, zone),
		MotifVide: emptyReason(r.of.Empty), Creneaux: slots(r.of.Slots, zone),
	}
	if r.after != nil {
		out.Ensuite = &EnsuiteDuLieu{ProchainCreneau: firstOf(r.after.Later, zone), Telephone: text(r.of.Place.Phone), LieuProche: nearestOf(r.after.Nearest)}
	}
	return out
}

func placesOf(found booking.SlotResults) GetCreneaux200JSONResponse {
	out := GetCreneaux200JSONResponse{
		Items: make([]LieuAvecCreneaux, len(found.Items)), Etats: make(map[string]int),
		Total: found.Total, Page: found.Page.Page, Size: found.Size, Pages: found.Pages(),
	}
	for i, one := range found.Items {
		out.Items[i] = placeWithSlots(one)
	}
	for state, n := range found.States {
		out.Etats[string(state)] = n
	}
	if n := nearestOf(found.Nearest); n != nil {
		out.Ensuite = &EnsuiteDeLaRecherche{LieuProche: *n}
	}
	return out
}

func placeWithSlots(r booking.SlotResult) LieuAvecCreneaux {
	if r.Place == nil {
		return LieuAvecCreneaux{LieuId: r.Asked, Etat: Etat(booking.UnknownPlace), Creneaux: []Creneau{}}
	}
	zone, lieu, action := r.Place.Zone, brief(r.Place), next(r.Next, r.Place)
	out := LieuAvecCreneaux{
		LieuId: r.Asked, Lieu: &lieu, DistanceKm: hundredths(r.DistanceKM), Etat: Etat(r.State), ObserveLe: when(r.ObservedAt, zone),
		SourceLe: when(r.SourceAt, zone), MotifVide: emptyReason(r.Empty), Creneaux: slots(r.Slots, zone), ProchaineAction: &action,
	}
	if len(r.Slots) == 0 {
		out.Ensuite = &Ensuite{ProchainCreneau: firstOf(r.Later, zone), Telephone: text(r.Place.Phone)}
	}
	if out.LieuId == "" {
		out.LieuId = r.Place.ID
	}
	return out
}

func nearestOf(n *booking.Nearest) *LieuProche {
	if n == nil {
		return nil
	}
	return &LieuProche{
		LieuId: n.Place.ID, Nom: n.Place.Name, Commune: text(n.Place.Commune), DistanceKm: *hundredths(&n.DistanceKM),
		ProchainCreneau: in(n.First.StartTime(), n.Place.Zone),
	}
}

func firstOf(slots []booking.Slot, zone *time.Location) *time.Time {
	if len(slots) == 0 {
		return nil
	}
	return when(slots[0].StartTime(), zone)
}
