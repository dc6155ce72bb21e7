package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"passerelle/booking"
)

// Intention is one appointment that somebody wants: one key, one person, one slot.
type Intention struct {
	Key       string
	Slot      string
	Hold      string // instead of the slot, when it is kept already
	Reference string // the partner's own: by it the ledger's rows are counted
	First     string
	Last      string
	Phone     string // empty: too little is known of the person to see her twice
}

// Want makes the n-th intention of a proof.
func Want(name string, n int, slot string) Intention {
	return Intention{
		Key: fmt.Sprintf("cle-%s-%d", name, n), Slot: slot, Reference: fmt.Sprintf("%s-%d", name, n),
		First: fmt.Sprintf("Prénom %d", n), Last: fmt.Sprintf("Nom %s", name), Phone: fmt.Sprintf("+336%08d", n%100_000_000),
	}
}

// Body is what is sent: the same bytes whenever it is sent.
func (i Intention) Body() []byte {
	person := map[string]any{"prenom": i.First, "nom": i.Last, "contact": "par_prescripteur"}
	if i.Phone != "" {
		person["telephone"] = i.Phone
	}
	by, what := "creneau_id", i.Slot
	if i.Hold != "" {
		by, what = "reservation_id", i.Hold
	}
	text, err := json.Marshal(map[string]any{
		by: what, "reference": i.Reference, "usager": person,
		"prescripteur": map[string]any{"prenom": "P", "nom": "N", "courriel": "aidant@example.org", "qualite": "professionnel"},
		"besoin":       map[string]any{"services": []string{"Aide aux démarches administratives"}, "precisions": "Précisions de " + i.Reference},
		"consentement": map[string]any{"mode": "oral", "recueilli_le": "2026-01-05T09:00:00+01:00"},
	})
	if err != nil {
		panic(err) // texts only
	}
	return text
}

// Account is what the callers were told, by the reference of the intention. It is safe for concurrent use.
type Account struct {
	mu   sync.Mutex
	told map[string]Told
	open map[string]Intention
}

// Told is an intention that was acknowledged.
type Told struct {
	Intention
	ID     string
	Answer Answer // the first
	At     time.Time
}

// NewAccount is empty.
func NewAccount() *Account {
	return &Account{told: make(map[string]Told), open: make(map[string]Intention)}
}

// Asked notes that a call was sent; until it is told or refused, it may have been done, or not.
func (a *Account) Asked(i Intention) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, done := a.told[i.Reference]; !done {
		a.open[i.Reference] = i
	}
}

// Told notes an acknowledgement: from now on it must be kept. It reports what contradicts an earlier one.
func (a *Account) Told(i Intention, answer Answer) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, i.Reference)
	id := answer.Text("id")
	if id == "" || answer.Text("statut") != string(booking.Confirmed) {
		return fmt.Errorf("gateway: %s was answered %v", i.Reference, answer)
	}
	before, known := a.told[i.Reference]
	if !known {
		a.told[i.Reference] = Told{i, id, answer, time.Now()}
		return nil
	}
	if before.ID != id {
		return fmt.Errorf("gateway: %s was told of two appointments", i.Reference)
	}
	return same(before.Answer, answer)
}

// Refused notes that an intention was refused for good.
func (a *Account) Refused(i Intention) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, i.Reference)
}

// All lists what was told, by reference.
func (a *Account) All() []Told {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.SortedFunc(maps.Values(a.told), func(x, y Told) int { return x.At.Compare(y.At) })
}

// Open lists what was asked and not answered.
func (a *Account) Open() []Intention {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Values(a.open))
}

// same compares two representations of one appointment, but for how far its messages have come.
func same(x, y Answer) error {
	var a, b map[string]any
	if json.Unmarshal(x.Body, &a) != nil || json.Unmarshal(y.Body, &b) != nil {
		return fmt.Errorf("gateway: %v and %v cannot be compared", x, y)
	}
	delete(a, "notifications")
	delete(b, "notifications")
	for name := range a {
		if !reflect.DeepEqual(a[name], b[name]) {
			return fmt.Errorf("gateway: %s of an appointment is not what was told", name)
		}
	}
	return nil
}

// Verdict is what a ledger is found to hold against an account.
type Verdict struct {
	Lost    []string // told, and not there, or not confirmed, or under another id
	Changed []string // told, and not with the same person or time
	Double  []string // intentions with more than one appointment
	Kept    int      // of those that were asked and not answered, how many are there
	Rows    int      // appointments in the ledger
}

// Err is nil when nothing is lost, changed or double.
func (v Verdict) Err() error {
	if len(v.Lost)+len(v.Changed)+len(v.Double) == 0 {
		return nil
	}
	return fmt.Errorf("gateway: %d lost, %d changed, %d double (of %d in the ledger): %.300q", len(v.Lost), len(v.Changed), len(v.Double), v.Rows,
		slices.Concat(v.Lost, v.Changed, v.Double))
}

// Compare compares the rows of a ledger with the account.
func (a *Account) Compare(rows []booking.Appointment) Verdict {
	return Against(rows, a.All(), a.Open())
}

// Against compares the rows of a ledger with what was told, and with what was asked and not answered.
func Against(rows []booking.Appointment, told []Told, open []Intention) Verdict {
	v := Verdict{Rows: len(rows)}
	by := make(map[string][]booking.Appointment, len(rows))
	for _, r := range rows {
		by[r.Reference] = append(by[r.Reference], r)
	}
	for reference, list := range by {
		if len(list) > 1 {
			v.Double = append(v.Double, reference)
		}
	}
	for _, t := range told {
		i := slices.IndexFunc(by[t.Reference], func(r booking.Appointment) bool { return r.ID == t.ID && r.Status == booking.Confirmed })
		switch {
		case i < 0:
			v.Lost = append(v.Lost, t.Reference)
		case !t.matches(by[t.Reference][i]):
			v.Changed = append(v.Changed, t.Reference)
		}
	}
	for _, i := range open {
		v.Kept += min(1, len(by[i.Reference]))
	}
	return v
}

// matches compares the person and the time.
func (t Told) matches(r booking.Appointment) bool {
	if r.Details == nil {
		return false
	}
	var answered struct {
		Slot struct {
			Start time.Time `json:"debut"`
			End   time.Time `json:"fin"`
		} `json:"creneau"`
	}
	if json.Unmarshal(t.Answer.Body, &answered) != nil {
		return false
	}
	b := r.Details.Beneficiary
	return string(b.FirstName) == t.First && string(b.LastName) == t.Last && string(b.Phone) == t.Phone &&
		string(r.Details.Need.Details) == "Précisions de "+t.Reference && r.StartTime().Equal(answered.Slot.Start) && r.EndTime().Equal(answered.Slot.End)
}
