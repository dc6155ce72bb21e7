package api

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The two answers that are asked for most are written by hand, byte for byte as encoding/json writes them, which took a third of
// the time of either (measured). What is written follows the order of the generated types' fields.
type (
	placesInJSON GetCreneaux200JSONResponse
	slotsInJSON  CreneauxDuLieu
)

// VisitGetCreneauxResponse implements GetCreneauxResponseObject.
func (r placesInJSON) VisitGetCreneauxResponse(w http.ResponseWriter) error {
	return respond(w, room*(1+4*len(r.Items)), r.write)
}

// VisitGetCreneauxDuLieuResponse implements GetCreneauxDuLieuResponseObject.
func (r slotsInJSON) VisitGetCreneauxDuLieuResponse(w http.ResponseWriter) error {
	return respond(w, room*(1+len(r.Creneaux)), r.write)
}

// room is what a slot takes, and a little more, in bytes; a place with three slots is four.
const room = 400

// respond writes an answer of which all is known, its length too, which is about so many bytes.
func respond(w http.ResponseWriter, about int, write func(*jsonText)) error {
	t := &jsonText{make([]byte, 0, about)}
	write(t)
	t.b = append(t.b, '\n') // as json.Encoder does
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(t.b)))
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(t.b)
	return err
}

// jsonText is JSON as far as it is written. Each of its methods writes what it is given after what names it.
type jsonText struct{ b []byte }

func (r placesInJSON) write(t *jsonText) {
	t.raw(`{"ensuite":`)
	if r.Ensuite == nil {
		t.raw("null")
	} else {
		t.raw(`{"lieu_proche":`)
		t.near(&r.Ensuite.LieuProche)
		t.raw("}")
	}
	t.raw(`,"etats":{`)
	for i, state := range slices.Sorted(maps.Keys(r.Etats)) {
		t.comma(i)
		t.str("", state)
		t.num(":", r.Etats[state])
	}
	t.raw(`},"items":`)
	if r.Items == nil {
		t.raw("null")
	} else {
		t.raw("[")
		for i := range r.Items {
			t.comma(i)
			t.place(&r.Items[i])
		}
		t.raw("]")
	}
	t.num(`,"page":`, r.Page)
	t.num(`,"pages":`, r.Pages)
	t.num(`,"size":`, r.Size)
	t.num(`,"total":`, r.Total)
	t.raw("}")
}

func (r slotsInJSON) write(t *jsonText) {
	t.slots(`{"creneaux":`, r.Creneaux)
	t.raw(`,"ensuite":`)
	if r.Ensuite == nil {
		t.raw("null")
	} else {
		t.raw(`{"lieu_proche":`)
		if r.Ensuite.LieuProche == nil {
			t.raw("null")
		} else {
			t.near(r.Ensuite.LieuProche)
		}
		t.maybeTime(`,"prochain_creneau":`, r.Ensuite.ProchainCreneau)
		t.maybe(`,"telephone":`, r.Ensuite.Telephone)
		t.raw("}")
	}
	t.str(`,"etat":`, string(r.Etat))
	t.str(`,"lieu_id":`, r.LieuId)
	t.maybe(`,"motif_vide":`, (*string)(r.MotifVide))
	t.maybeTime(`,"observe_le":`, r.ObserveLe)
	t.maybeTime(`,"source_le":`, r.SourceLe)
	t.raw("}")
}

func (t *jsonText) place(l *LieuAvecCreneaux) {
	t.slots(`{"creneaux":`, l.Creneaux)
	t.maybeNumber(`,"distance_km":`, l.DistanceKm)
	t.raw(`,"ensuite":`)
	if l.Ensuite == nil {
		t.raw("null")
	} else {
		t.maybeTime(`{"prochain_creneau":`, l.Ensuite.ProchainCreneau)
		t.maybe(`,"telephone":`, l.Ensuite.Telephone)
		t.raw("}")
	}
	t.str(`,"etat":`, string(l.Etat))
	t.raw(`,"lieu":`)
	if l.Lieu == nil {
		t.raw("null")
	} else {
		t.brief(l.Lieu)
	}
	t.str(`,"lieu_id":`, l.LieuId)
	t.maybe(`,"motif_vide":`, (*string)(l.MotifVide))
	t.maybeTime(`,"observe_le":`, l.ObserveLe)
	t.raw(`,"prochaine_action":`)
	if a := l.ProchaineAction; a == nil {
		t.raw("null")
	} else {
		t.maybeTime(`{"quand":`, a.Quand)
		t.str(`,"type":`, string(a.Type))
		t.maybe(`,"valeur":`, a.Valeur)
		t.maybeTime(`,"verifie_le":`, a.VerifieLe)
		t.raw("}")
	}
	t.maybeTime(`,"source_le":`, l.SourceLe)
	t.raw("}")
}

func (t *jsonText) brief(l *LieuBref) {
	t.maybe(`{"adresse":`, l.Adresse)
	t.maybe(`,"code_postal":`, l.CodePostal)
	t.maybe(`,"commune":`, l.Commune)
	t.str(`,"id":`, l.Id)
	t.maybeNumber(`,"latitude":`, l.Latitude)
	t.maybeNumber(`,"longitude":`, l.Longitude)
	t.str(`,"nom":`, l.Nom)
	t.maybe(`,"telephone":`, l.Telephone)
	t.raw("}")
}

func (t *jsonText) near(l *LieuProche) {
	t.maybe(`{"commune":`, l.Commune)
	t.number(`,"distance_km":`, l.DistanceKm)
	t.str(`,"lieu_id":`, l.LieuId)
	t.str(`,"nom":`, l.Nom)
	t.time(`,"prochain_creneau":`, l.ProchainCreneau)
	t.raw("}")
}

func (t *jsonText) slots(name string, list []Creneau) {
	t.raw(name)
	if list == nil {
		t.raw("null")
		return
	}
	t.raw("[")
	for i := range list {
		t.comma(i)
		x := &list[i]
		t.raw("{")
		if x.Adresse != nil {
			t.str(`"adresse":`, *x.Adresse)
			t.raw(",")
		}
		t.time(`"debut":`, x.Debut)
		t.time(`,"fin":`, x.Fin)
		t.str(`,"fuseau":`, x.Fuseau)
		t.str(`,"id":`, x.Id)
		t.str(`,"motif":{"id":`, x.Motif.Id)
		t.str(`,"libelle":`, x.Motif.Libelle)
		t.str(`,"modalite":`, string(x.Motif.Modalite))
		t.num(`},"places":`, x.Places)
		t.raw("}")
	}
	t.raw("]")
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
	t.raw(`"`)
	t.raw(text)
	t.raw(`"`)
}

// asItIs reports whether a text is in JSON what it is.
func asItIs(text string) bool {
	ascii := true
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&':
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return ascii || utf8.ValidString(text) && !strings.Contains(text, "\u2028") && !strings.Contains(text, "\u2029")
}

func (t *jsonText) maybe(name string, text *string) {
	if text == nil {
		t.raw(name)
		t.raw("null")
		return
	}
	t.str(name, *text)
}

func (t *jsonText) time(name string, at time.Time) {
	t.raw(name)
	t.raw(`"`)
	t.b = at.AppendFormat(t.b, time.RFC3339Nano)
	t.raw(`"`)
}

func (t *jsonText) maybeTime(name string, at *time.Time) {
	if at == nil {
		t.raw(name)
		t.raw("null")
		return
	}
	t.time(name, *at)
}

func (t *jsonText) number(name string, f float64) {
	t.raw(name)
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		written, _ := json.Marshal(f) // of a distance or a coordinate: a number
		t.b = append(t.b, written...)
		return
	}
	t.b = strconv.AppendFloat(t.b, f, 'f', -1, 64)
}

func (t *jsonText) maybeNumber(name string, f *float64) {
	if f == nil {
		t.raw(name)
		t.raw("null")
		return
	}
	t.number(name, *f)
}
