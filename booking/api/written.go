package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"passerelle/booking"
)

// The two answers that are asked for most are written by hand from what the service gives, byte for byte as encoding/json writes
// the generated types, which took a third of the time of either, as their making took a tenth (measured). What is written follows the
// order of the generated types' fields.
type (
	placesInJSON struct {
		*server
		to    *conn // nil: whoever asks
		found booking.SlotResults
	}
	slotsInJSON struct {
		*server
		to    *conn
		of    *booking.Offer
		after *booking.Instead // nil where there are slots
	}
)

// VisitGetCreneauxResponse implements GetCreneauxResponseObject.
func (r placesInJSON) VisitGetCreneauxResponse(w http.ResponseWriter) error {
	return r.respond(w, r.to, r.write)
}

// VisitGetCreneauxDuLieuResponse implements GetCreneauxDuLieuResponseObject.
func (r slotsInJSON) VisitGetCreneauxDuLieuResponse(w http.ResponseWriter) error {
	return r.respond(w, r.to, r.write)
}

// respond writes an answer of which all is known, its length too. Its buffer is used again.
func (s *server) respond(w http.ResponseWriter, to *conn, write func(*jsonText)) (err error) {
	t, _ := s.texts.Get().(*jsonText)
	if t == nil {
		t = &jsonText{}
	}
	defer s.texts.Put(t)
	t.b = t.b[:0]
	write(t)
	t.raw("\n") // as json.Encoder does
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(t.b)))
	w.WriteHeader(http.StatusOK)
	t.out, err = to.whole(w, t.b, t.out)
	return err
}

// jsonText is JSON as far as it is written. Each of its methods writes what it is given after what names it.
type jsonText struct {
	b     []byte
	out   []byte // what it leaves in, with its headers
	clock clock  // of the slots that were written last
}

func (r placesInJSON) write(t *jsonText) {
	t.raw(`{"ensuite":`)
	if r.found.Nearest == nil {
		t.raw("null")
	} else {
		t.near(`{"lieu_proche":`, r.found.Nearest)
		t.raw("}")
	}
	t.raw(`,"etats":{`)
	for i, state := range slices.Sorted(maps.Keys(r.found.States)) {
		t.comma(i)
		t.str("", string(state))
		t.num(":", r.found.States[state])
	}
	t.raw(`},"items":[`)
	for i := range r.found.Items {
		t.comma(i)
		t.place(&r.found.Items[i], &r.briefs)
	}
	t.num(`],"page":`, r.found.Page.Page)
	t.num(`,"pages":`, r.found.Pages())
	t.num(`,"size":`, r.found.Size)
	t.num(`,"total":`, r.found.Total)
	t.raw("}")
}

func (r slotsInJSON) write(t *jsonText) {
	p := r.of.Place
	t.slots(`{"creneaux":`, r.of.Slots, p.Zone)
	t.raw(`,"ensuite":`)
	if r.after == nil {
		t.raw("null")
	} else {
		t.near(`{"lieu_proche":`, r.after.Nearest)
		t.first(`,"prochain_creneau":`, r.after.Later, p.Zone)
		t.maybe(`,"telephone":`, p.Phone)
		t.raw("}")
	}
	t.str(`,"etat":`, string(r.of.State))
	t.str(`,"lieu_id":`, p.ID)
	t.maybe(`,"motif_vide":`, string(r.of.Empty))
	t.maybeTime(`,"observe_le":`, r.of.ObservedAt, p.Zone)
	t.maybeTime(`,"source_le":`, r.of.SourceAt, p.Zone)
	t.raw("}")
}

// place writes one that a search has found.
func (t *jsonText) place(r *booking.SlotResult, briefs *booking.ByPlace[placeText]) {
	if r.Place == nil {
		t.raw(`{"creneaux":[],"distance_km":null,"ensuite":null`)
		t.str(`,"etat":`, string(booking.UnknownPlace))
		t.str(`,"lieu":null,"lieu_id":`, r.Asked)
		t.raw(`,"motif_vide":null,"observe_le":null,"prochaine_action":null,"source_le":null}`)
		return
	}
	p, zone := r.Place, r.Place.Zone
	t.slots(`{"creneaux":`, r.Slots, zone)
	t.maybeNumber(`,"distance_km":`, hundredths(r.DistanceKM))
	t.raw(`,"ensuite":`)
	if len(r.Slots) > 0 {
		t.raw("null")
	} else {
		t.first(`{"prochain_creneau":`, r.Later, zone)
		t.maybe(`,"telephone":`, p.Phone)
		t.raw("}")
	}
	t.str(`,"etat":`, string(r.State))
	t.raw(`,"lieu":`)
	if written := briefs.Of(p, func() *placeText { return placeTextOf(p) }); r.Asked == "" {
		t.b = append(t.b, written.text...)
	} else {
		t.b = append(t.b, written.text[:written.place]...)
		t.str(`,"lieu_id":`, r.Asked)
	}
	t.maybe(`,"motif_vide":`, string(r.Empty))
	t.maybeTime(`,"observe_le":`, r.ObservedAt, zone)
	t.maybeTime(`,"prochaine_action":{"quand":`, r.Next.When, zone)
	t.str(`,"type":`, string(r.Next.Type))
	if r.Next.Slot != nil {
		t.id(`,"valeur":"`, r.Next.Slot)
	} else {
		t.maybe(`,"valeur":`, r.Next.Value)
	}
	t.maybeTime(`,"verifie_le":`, r.Next.VerifiedAt, zone)
	t.maybeTime(`},"source_le":`, r.SourceAt, zone)
	t.raw("}")
}

// placeText is a place as every search shows it, in JSON, and after that its id, as searches give it that did not ask for the place
// by a name of it.
type placeText struct {
	text  []byte
	place int // bytes of the place alone
}

func placeTextOf(p *booking.Place) *placeText {
	t := &jsonText{}
	t.maybe(`{"adresse":`, p.Address)
	t.maybe(`,"code_postal":`, p.PostalCode)
	t.maybe(`,"commune":`, p.Commune)
	t.str(`,"id":`, p.ID)
	lat, lon := point(p.Point)
	t.maybeNumber(`,"latitude":`, lat)
	t.maybeNumber(`,"longitude":`, lon)
	t.str(`,"nom":`, p.Name)
	t.maybe(`,"telephone":`, p.Phone)
	t.raw("}")
	place := len(t.b)
	t.str(`,"lieu_id":`, p.ID)
	return &placeText{bytes.Clone(t.b), place}
}

func (t *jsonText) near(name string, n *booking.Nearest) {
	t.raw(name)
	if n == nil {
		t.raw("null")
		return
	}
	t.maybe(`{"commune":`, n.Place.Commune)
	t.maybeNumber(`,"distance_km":`, hundredths(&n.DistanceKM))
	t.str(`,"lieu_id":`, n.Place.ID)
	t.str(`,"nom":`, n.Place.Name)
	t.maybeTime(`,"prochain_creneau":`, n.First.StartTime(), n.Place.Zone)
	t.raw("}")
}

// first writes when the first of the slots starts.
func (t *jsonText) first(name string, slots []booking.Slot, zone *time.Location) {
	if len(slots) == 0 {
		t.raw(name)
		t.raw("null")
		return
	}
	t.maybeTime(name, slots[0].StartTime(), zone)
}

// slots writes those of one place. What neighbours have in common is worked out once: their day, and mostly their motif.
func (t *jsonText) slots(name string, list []booking.Slot, zone *time.Location) {
	t.raw(name)
	t.raw("[")
	var fixed, motif []byte // as they are written
	t.clock.in(zone)
	for i := range list {
		t.comma(i)
		x := &list[i]
		t.raw(`{"debut":`)
		t.b = t.clock.append(t.b, x.Start)
		t.raw(`,"fin":`)
		t.b = t.clock.append(t.b, x.End)
		if fixed == nil {
			from := len(t.b)
			t.str(`,"fuseau":`, zoneName(zone))
			fixed = t.b[from:]
		} else {
			t.b = append(t.b, fixed...)
		}
		t.id(`,"id":"`, x)
		t.raw(",")
		if i > 0 && x.Motif == list[i-1].Motif {
			t.b = append(t.b, motif...)
		} else {
			from := len(t.b)
			t.motif(`"motif":`, x.Motif)
			motif = t.b[from:]
		}
		t.num(`,"places":`, x.Seats)
		t.raw("}")
	}
	t.raw("]")
}

func (t *jsonText) motif(name string, m *booking.Motif) {
	t.raw(name)
	t.str(`{"id":`, m.ID)
	t.str(`,"libelle":`, m.Label)
	t.str(`,"modalite":`, string(m.Modality))
	t.raw("}")
}

// id writes that of a slot, which is base64url.
func (t *jsonText) id(name string, x *booking.Slot) {
	t.raw(name)
	t.b = append(x.AppendID(t.b), '"')
}

func (t *jsonText) raw(text string) { t.b = append(t.b, text...) }

func (t *jsonText) comma(i int) {
	if i > 0 {
		t.raw(",")
	}
}

func (t *jsonText) num(name string, n int) {
	t.raw(name)
	t.b = strconv.AppendInt(t.b, int64(n), 10)
}

func (t *jsonText) str(name, text string) {
	t.raw(name)
	if !asItIs(text) {
		escaped, _ := json.Marshal(text) // of a string, which always can
		t.b = append(t.b, escaped...)
		return
	}
	t.b = append(append(append(t.b, '"'), text...), '"')
}

// maybe writes null where there is nothing to say.
func (t *jsonText) maybe(name, text string) {
	if text == "" {
		t.raw(name)
		t.raw("null")
		return
	}
	t.str(name, text)
}

// asItIs reports whether a text is in JSON what it is.
func asItIs(text string) bool {
	all := byte(0)
	for i := range len(text) {
		all |= inJSON[text[i]]
	}
	return all == 0 || all == wide && utf8.ValidString(text) && !strings.Contains(text, "\u2028") && !strings.Contains(text, "\u2029")
}

// inJSON is what each byte of a text is: 0 where it is written as it is, wide where it is a part of a character, escaped where it
// is written otherwise.
var inJSON = func() (kinds [256]byte) {
	for c := range kinds {
		switch {
		case c >= utf8.RuneSelf:
			kinds[c] = wide
		case c < ' ' || strings.ContainsRune(`"\<>&`, rune(c)):
			kinds[c] = escaped
		}
	}
	return kinds
}()

const (
	wide    = 1
	escaped = 2
)

// maybeTime writes null for the zero time.
func (t *jsonText) maybeTime(name string, at time.Time, zone *time.Location) {
	t.raw(name)
	if at.IsZero() {
		t.raw("null")
		return
	}
	t.b = append(in(at, zone).AppendFormat(append(t.b, '"'), time.RFC3339Nano), '"')
}

func (t *jsonText) maybeNumber(name string, f *float64) {
	t.raw(name)
	if f == nil {
		t.raw("null")
		return
	}
	if size := math.Abs(*f); size != 0 && (size < 1e-6 || size >= 1e21) {
		written, _ := json.Marshal(*f) // of a distance or a coordinate: a number
		t.b = append(t.b, written...)
		return
	}
	t.b = strconv.AppendFloat(t.b, *f, 'f', -1, 64)
}
