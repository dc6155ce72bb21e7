package booking_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// desk is the software of a place that books on pages of its own, one for each person.
type desk struct {
	mu       sync.Mutex
	fails    error
	invited  []connectors.Person
	asked    []connectors.HandoffRequest
	outcomes map[string]connectors.Outcome // by link
	freed    []connectors.Appointment
	before   chan struct{}   // told when somebody is being made known, and waited for
	urgent   map[string]bool // whether somebody waited for the last question, by operation
	knows    int             // whom it takes the next one for; 0: for somebody new
	ends     bool            // the process ends when somebody is to be made known
	followed int             // times
	seen     map[string]int  // by link
}

var _ interface {
	connectors.Agenda
	connectors.Handoffer
	connectors.Inviter
	connectors.Follower
	connectors.Canceler
	connectors.Receiver
	connectors.Guarantor
} = (*desk)(nil)

func (*desk) Guarantee() connectors.Guarantee { return connectors.Handoff }

func (*desk) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unsupported}
}

func (*desk) Handoff(context.Context, connectors.HandoffRequest) (connectors.Link, error) {
	return connectors.Link{URL: "https://guichet.example.org/"}, nil
}

// waited keeps whether somebody waits.
func (d *desk) waited(ctx context.Context, op string) {
	if d.urgent == nil {
		d.urgent = make(map[string]bool)
	}
	d.urgent[op] = !connectors.Urgent(ctx).IsZero()
}

func (d *desk) Invite(ctx context.Context, r connectors.HandoffRequest, who connectors.Person) (connectors.Link, error) {
	if d.ends {
		runtime.Goexit()
	}
	if d.before != nil {
		d.before <- struct{}{}
		<-d.before
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waited(ctx, "invite")
	if d.fails != nil {
		return connectors.Link{}, d.fails
	}
	d.invited, d.asked = append(d.invited, who), append(d.asked, r)
	n, link := len(d.invited), 1
	if d.knows != 0 {
		n, link = d.knows, n
	}
	return connectors.Link{URL: fmt.Sprintf("https://guichet.example.org/pages/%d", n), Upstream: fmt.Sprintf("usager-%d@%d", n, link)}, nil
}

func (d *desk) Follow(ctx context.Context, links []string) (out []connectors.Outcome, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waited(ctx, "follow")
	d.followed++
	for _, link := range links {
		if d.seen != nil {
			d.seen[link]++
		}
	}
	for link, o := range d.outcomes {
		if slices.Contains(links, link) {
			out = append(out, o)
		}
	}
	return out, d.fails
}

func (d *desk) Cancel(_ context.Context, a connectors.Appointment) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.freed = append(d.freed, a)
	return d.fails
}

func (d *desk) Receive(_ context.Context, h http.Header, body []byte) ([]string, error) {
	if h.Get("X-Signature") != "bonne" {
		return nil, &connectors.Error{Op: "receive", Kind: connectors.Refused}
	}
	return strings.Fields(string(body)), nil
}

// becomes says what the desk tells of a link from now on.
func (d *desk) becomes(link string, fate connectors.Fate, at interval.Interval) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outcomes = map[string]connectors.Outcome{
		link: {Link: link, Fate: fate, Appointment: connectors.Appointment{Upstream: "participation-1", Version: "1", Interval: at}},
	}
}

var (
	prescriber = booking.Prescriber{FirstName: "Prénom", LastName: "Aidante", Email: "aidante@example.org", Quality: "professionnel"}
	consent    = booking.Consent{Mode: "oral", At: sunday}
	ofTuesday  = interval.Of(time.Date(2026, 11, 24, 9, 0, 0, 0, paris), time.Date(2026, 11, 24, 10, 0, 0, 0, paris))
	ofFriday   = interval.Of(time.Date(2026, 11, 27, 9, 0, 0, 0, paris), time.Date(2026, 11, 27, 10, 0, 0, 0, paris))
)

// orient is an orientation to a place, with the person where there is one.
func (w *world) orient(key, place string, who ...booking.Beneficiary) (booking.Result, error) {
	o := booking.Orientation{Place: place, Reference: "dossier-1", Details: booking.Details{Prescriber: prescriber}}
	for _, b := range who {
		o.Details.Beneficiary, o.Details.Consent = b, consent
	}
	return w.Orient(context.Background(), call(key), o)
}

// invited is an orientation of somebody to the desk.
func (w *world) invited(t *testing.T) booking.Appointment {
	t.Helper()
	r, err := w.orient("invitée", "f", booking.Beneficiary{FirstName: "Prénom", LastName: "Nom", Phone: "+33639980001"})
	if err != nil {
		t.Fatal(err)
	}
	return r.Appointment
}

func (w *world) stands(t *testing.T, id string, want booking.Status) booking.Appointment {
	t.Helper()
	a, err := w.Appointment(t.Context(), "p1", id)
	if err != nil || a.Status != want {
		t.Fatalf("it is %s, %v; want %s", a.Status, err, want)
	}
	return a
}

func TestAnOrientationGivesThePageAndPassesNobodyOn(t *testing.T) {
	w := newWorld(t)
	r, err := w.orient("k", "c")
	if err != nil {
		t.Fatal(err)
	}
	a := r.Appointment
	if a.Status != booking.HandedOff || a.Details.Page != "https://www.rdv-aide-numerique.fr/org/99990001?prescripteur=1" || !a.Interval.Empty() {
		t.Errorf("%s at %v on %s", a.Status, a.Interval, a.Details.Page)
	}
	if want := w.Now().Add(14 * 24 * time.Hour); !a.Expires.Equal(want) {
		t.Errorf("it waits until %v; want %v", a.Expires, want)
	}
	again, err := w.orient("k", "c")
	if err != nil || !again.Replayed || again.Appointment.ID != a.ID || again.Appointment.Details.Page != a.Details.Page {
		t.Errorf("again: %+v, %v", again, err)
	}
	_, err = w.orient("k2", "c", booking.Beneficiary{FirstName: "Prénom", LastName: "Nom"})
	if e := wantError(t, err, connectors.Invalid, "champ_invalide"); e.Fields[0].Name != "usager" {
		t.Errorf("%+v", e.Fields)
	}
}

func TestWhereNobodyCanBeOriented(t *testing.T) {
	w := newWorld(t)
	_, err := w.orient("a", "a")
	wantError(t, err, connectors.Unsupported, "orientation_impossible")
	_, err = w.orient("z", "z")
	wantError(t, err, connectors.NotFound, "lieu_inconnu")
	_, err = w.Orient(t.Context(), call("m"), booking.Orientation{Place: "f", Motif: "autre", Details: booking.Details{Prescriber: prescriber}})
	if e := wantError(t, err, connectors.Invalid, "champ_invalide"); e.Fields[0].Name != "motif" || !slices.Equal(e.Fields[0].Allowed, []string{"aide"}) {
		t.Errorf("%+v", e.Fields)
	}
}

func TestTheWordOfThePrescriberEndsAnOrientation(t *testing.T) {
	for _, c := range []struct {
		name   string
		said   []booking.Status
		during interval.Interval
		want   booking.Status
		code   string // of the last word, when it is refused
	}{
		{"it was booked, and when", []booking.Status{booking.Confirmed}, ofTuesday, booking.Confirmed, ""},
		{"it was booked, she does not know when", []booking.Status{booking.Confirmed}, interval.Interval{}, booking.Confirmed, ""},
		{"nothing came of it", []booking.Status{booking.Expired}, interval.Interval{}, booking.Expired, ""},
		{"it was booked, then cancelled over there", []booking.Status{booking.Confirmed, booking.Cancelled}, interval.Interval{}, booking.Cancelled, ""},
		{"said twice", []booking.Status{booking.Confirmed, booking.Confirmed}, ofTuesday, booking.Confirmed, ""},
		{"nothing came of it, then it did", []booking.Status{booking.Expired, booking.Confirmed}, interval.Interval{}, booking.Expired, "etape_impossible"},
		{"no outcome", []booking.Status{booking.Honoured}, interval.Interval{}, booking.HandedOff, "champ_invalide"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			r, err := w.orient("k", "c")
			if err != nil {
				t.Fatal(err)
			}
			for i, said := range c.said {
				_, err = w.Conclude(t.Context(), call(fmt.Sprint("issue", i)), r.Appointment.ID, said, c.during, booking.TheBeneficiary)
				if err != nil && i < len(c.said)-1 {
					t.Fatal(err)
				}
			}
			if c.code != "" {
				wantError(t, err, connectors.KindOf(err), c.code)
			} else if err != nil {
				t.Fatal(err)
			}
			a := w.stands(t, r.Appointment.ID, c.want)
			if a.Interval != c.during {
				t.Errorf("it is at %v, want %v", a.Interval, c.during)
			}
			for _, n := range a.Notices {
				if n.State == booking.NoticeDue && n.About != booking.AboutReminder {
					t.Errorf("%s waits to be told of what the prescriber said herself: %+v", n.To, n)
				}
			}
		})
	}
}

// What was booked on another system's page is not cancelled, moved or called cancelled here.
func TestWhatWasBookedElsewhereIsCancelledElsewhere(t *testing.T) {
	w := newWorld(t)
	r, err := w.orient("k", "c")
	if err != nil {
		t.Fatal(err)
	}
	id := r.Appointment.ID
	_, err = w.Cancel(t.Context(), call("1"), id, booking.Ending{By: booking.ThePrescriber})
	wantError(t, err, connectors.Unsupported, "annulation_impossible")
	if _, err := w.Conclude(t.Context(), call("2"), id, booking.Confirmed, ofTuesday, ""); err != nil {
		t.Fatal(err)
	}
	_, err = w.Cancel(t.Context(), call("3"), id, booking.Ending{By: booking.ThePrescriber})
	if e := wantError(t, err, connectors.Unsupported, "annulation_impossible"); e.Link == "" {
		t.Error("the page on which it can be cancelled is not said")
	}
	_, err = w.Move(t.Context(), call("4"), id, w.slot(t, "a", "", "09:00"))
	wantError(t, err, connectors.Unsupported, "deplacement_impossible")
	w.stands(t, id, booking.Confirmed)
	w.now.Store(ofTuesday.Start)
	if _, err := w.Attend(t.Context(), call("5"), id, booking.Honoured); err != nil {
		t.Error(err)
	}
}

func TestAnOrientationThatNobodyFinishesEnds(t *testing.T) {
	w := newWorld(t)
	r, err := w.orient("k", "c")
	if err != nil {
		t.Fatal(err)
	}
	w.now.Add(int64((14 * 24 * time.Hour).Seconds()) - 1)
	if n, err := w.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("%d ended early, %v", n, err)
	}
	w.now.Add(1)
	if n, err := w.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	w.stands(t, r.Appointment.ID, booking.Expired)
	w.now.Add(int64((8 * 24 * time.Hour).Seconds()))
	if n, err := w.Retain(t.Context()); n != 1 || err != nil {
		t.Errorf("%d erased, %v", n, err)
	}
	if a := w.stands(t, r.Appointment.ID, booking.Expired); a.Details != nil {
		t.Error("who prescribed is still known")
	}
}

func TestAnInvitationPassesThePersonOn(t *testing.T) {
	w := newWorld(t)
	_, err := w.orient("sans", "f")
	if e := wantError(t, err, connectors.Invalid, "champ_invalide"); e.Fields[0].Name != "usager" {
		t.Errorf("%+v", e.Fields)
	}
	_, err = w.Orient(t.Context(), call("sans accord"), booking.Orientation{Place: "f", Details: booking.Details{
		Prescriber: prescriber, Beneficiary: booking.Beneficiary{FirstName: "Prénom", LastName: "Nom"},
	}})
	if e := wantError(t, err, connectors.Invalid, "champ_invalide"); e.Fields[0].Name != "consentement" {
		t.Errorf("%+v", e.Fields)
	}
	if len(w.desk.invited) != 0 {
		t.Fatal("somebody was passed on without her consent")
	}
	a := w.invited(t)
	want := connectors.Person{FirstName: "Prénom", LastName: "Nom", Phone: "+33639980001"}
	if got := w.desk.invited; len(got) != 1 || got[0] != want || w.desk.asked[0].Place != "f" || w.desk.asked[0].Reference != a.ID {
		t.Errorf("%+v was asked for %+v", w.desk.asked, got)
	}
	if a.Details.Page != "https://guichet.example.org/pages/1" || a.Upstream.Reference != "usager-1@1" {
		t.Errorf("the page is %s, she is known as %s", a.Details.Page, a.Upstream.Reference)
	}
}

func TestAFailureOfTheOtherSoftwareIsSaidAndLeavesNothing(t *testing.T) {
	for kind, want := range map[connectors.Kind]connectors.Kind{
		connectors.Unavailable: connectors.Unavailable, connectors.OutcomeUnknown: connectors.Unavailable,
		connectors.Misconfigured: connectors.Misconfigured, connectors.RateLimited: connectors.RateLimited, connectors.Invalid: connectors.Invalid,
	} {
		w := newWorld(t)
		w.desk.fails = &connectors.Error{Op: "invite", Kind: kind}
		_, err := w.orient("k", "f", booking.Beneficiary{FirstName: "Prénom", LastName: "Nom"})
		if err == nil || connectors.KindOf(err) != want {
			t.Errorf("%s: %v; want %s", kind, err, want)
		}
		open := booking.AppointmentFilter{Limit: 10, Statuses: []booking.Status{booking.HandedOff}}
		if _, n, err := w.Appointments(t.Context(), "p1", open); n != 0 || err != nil {
			t.Errorf("%s: %d are to be finished, %v", kind, n, err)
		}
		w.desk.fails = nil
		if _, err := w.orient("k", "f", booking.Beneficiary{FirstName: "Prénom", LastName: "Nom"}); err != nil {
			t.Errorf("%s: again: %v", kind, err)
		}
	}
}

func TestAnInvitationIsFollowed(t *testing.T) {
	type word struct {
		fate connectors.Fate
		at   interval.Interval
	}
	for _, c := range []struct {
		name  string
		words []word
		want  booking.Status
		by    booking.Actor
	}{
		{"she booked", []word{{connectors.Booked, ofTuesday}}, booking.Confirmed, ""},
		{"she came", []word{{connectors.Booked, ofTuesday}, {connectors.Attended, ofTuesday}}, booking.Honoured, ""},
		{"she came, and nobody looked before", []word{{connectors.Attended, ofTuesday}}, booking.Honoured, ""},
		{"she did not come", []word{{connectors.Booked, ofTuesday}, {connectors.Missed, ofTuesday}}, booking.Missed, ""},
		{"what was said of her coming is mended", []word{{connectors.Missed, ofTuesday}, {connectors.Attended, ofTuesday}}, booking.Honoured, ""},
		{"she cancelled", []word{{connectors.Booked, ofTuesday}, {connectors.Withdrawn, ofTuesday}}, booking.Cancelled, booking.TheBeneficiary},
		{"the structure cancelled", []word{{connectors.Booked, ofTuesday}, {connectors.Revoked, ofTuesday}}, booking.Cancelled, booking.TheStructure},
		{"she booked and cancelled before anybody looked: she may choose again", []word{{connectors.Withdrawn, ofTuesday}}, booking.HandedOff, ""},
		{"and does", []word{{connectors.Withdrawn, ofTuesday}, {connectors.Booked, ofFriday}}, booking.Confirmed, ""},
		{"the same is said again", []word{{connectors.Booked, ofTuesday}, {connectors.Booked, ofTuesday}}, booking.Confirmed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			a := w.invited(t)
			for _, x := range c.words {
				w.desk.becomes("usager-1@1", x.fate, x.at)
				if err := w.Follow(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			got := w.stands(t, a.ID, c.want)
			if last := c.words[len(c.words)-1].at; c.want != booking.HandedOff && got.Interval != last {
				t.Errorf("it is at %v, want %v", got.Interval, last)
			}
			if got.Ended.By != c.by {
				t.Errorf("%q ended it, want %q", got.Ended.By, c.by)
			}
			for _, n := range got.Notices {
				if (n.Channel == booking.MailChannel) != (n.To == booking.ThePrescriber) {
					t.Errorf("%s is told by %s: two would tell her, or nobody", n.To, n.Channel)
				}
			}
		})
	}
}

func TestAnInvitationThatIsMovedOverThereIsANewAppointmentOfTheChain(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	for _, at := range []interval.Interval{ofTuesday, ofFriday, ofFriday} {
		w.desk.becomes("usager-1@1", connectors.Booked, at)
		if err := w.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	old := w.stands(t, a.ID, booking.Moved)
	next := w.stands(t, old.ReplacedBy, booking.Confirmed)
	if next.Interval != ofFriday || next.Chain != a.Chain || next.Upstream.Reference != "usager-1@1" {
		t.Errorf("%+v", next)
	}
	if _, err := w.Reconcile(t.Context()); err != nil || len(w.desk.freed) != 0 {
		t.Errorf("what was moved over there was cancelled there: %+v, %v", w.desk.freed, err)
	}
	w.desk.becomes("usager-1@1", connectors.Attended, ofFriday)
	if err := w.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.stands(t, next.ID, booking.Honoured)
}

func TestAnInvitationIsCancelledOverThere(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.desk.becomes("usager-1@1", connectors.Booked, ofTuesday)
	if err := w.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := w.Cancel(t.Context(), call("c"), a.ID, booking.Ending{By: booking.ThePrescriber})
	if err != nil || r.Appointment.Status != booking.Cancelled {
		t.Fatalf("%s, %v", r.Appointment.Status, err)
	}
	if len(w.desk.freed) != 1 || w.desk.freed[0].Upstream != "participation-1" {
		t.Errorf("freed: %+v", w.desk.freed)
	}
}

func TestTheWordOfTheOtherSoftwareCountsBeforeThePrescribers(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.desk.becomes("usager-1@1", connectors.Booked, ofTuesday)
	r, err := w.Conclude(t.Context(), call("i"), a.ID, booking.Confirmed, interval.Interval{}, "")
	if err != nil || r.Appointment.Interval != ofTuesday || r.Appointment.Upstream.Upstream != "participation-1" {
		t.Errorf("%+v, %v", r.Appointment, err)
	}
	w = newWorld(t)
	a = w.invited(t)
	w.desk.fails = &connectors.Error{Op: "follow", Kind: connectors.Unavailable} // it knows nothing: what she says is not lost
	r, err = w.Conclude(t.Context(), call("i"), a.ID, booking.Confirmed, ofTuesday, "")
	if err != nil || r.Appointment.Status != booking.Confirmed || r.Appointment.Interval != ofTuesday {
		t.Errorf("%+v, %v", r.Appointment, err)
	}
}

func TestACallOfTheOtherSoftwareIsAHint(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	signed := http.Header{"X-Signature": {"bonne"}}
	if err := w.Received(t.Context(), "desk", nil, []byte("usager-1")); connectors.KindOf(err) != connectors.Refused {
		t.Errorf("an unsigned call: %v", err)
	}
	if err := w.Received(t.Context(), "absent", signed, nil); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("a call for no agenda: %v", err)
	}
	if err := w.Received(t.Context(), "shared", signed, nil); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("a call for an agenda that listens to nobody: %v", err)
	}
	if err := w.Received(t.Context(), "desk", signed, []byte("usager-1")); err != nil {
		t.Fatal(err)
	}
	w.stands(t, a.ID, booking.HandedOff) // the call said that something happened; asked, the software says that nothing did
	w.desk.becomes("usager-1@1", connectors.Booked, ofTuesday)
	if err := w.Received(t.Context(), "desk", signed, []byte("usager-9")); err != nil {
		t.Fatal(err)
	}
	w.stands(t, a.ID, booking.HandedOff)
	if err := w.Received(t.Context(), "desk", signed, []byte("usager-9 usager-1")); err != nil {
		t.Fatal(err)
	}
	w.stands(t, a.ID, booking.Confirmed)
}

func TestAPartnerConcludesOnlyItsOwnOrientations(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	other := booking.Call{Partner: "p2", Key: "k", Request: []byte("x")}
	_, err := w.Conclude(t.Context(), other, a.ID, booking.Confirmed, ofTuesday, "")
	wantError(t, err, connectors.NotFound, "rendez_vous_inconnu")
	r, err := w.book(t, "b", w.slot(t, "a", "", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Conclude(t.Context(), call("k"), r.Appointment.ID, booking.Cancelled, interval.Interval{}, "")
	wantError(t, err, connectors.NotFound, "rendez_vous_inconnu")
}

func TestAnInvitationThatIsAskedForTwiceIsMadeOnce(t *testing.T) {
	w := newWorld(t)
	who := booking.Beneficiary{FirstName: "Prénom", LastName: "Nom", Phone: "+33639980001"}
	w.desk.before = make(chan struct{})
	var wg sync.WaitGroup
	got := make([]error, 8)
	for i := range got {
		wg.Go(func() { _, got[i] = w.orient("la même clé", "f", who) })
	}
	<-w.desk.before // one is being made known
	close(w.desk.before)
	wg.Wait()
	if n := len(w.desk.invited); n != 1 {
		t.Errorf("she was made known %d times", n)
	}
	again, err := w.orient("la même clé", "f", who)
	if err != nil || !again.Replayed || again.Appointment.Details.Page == "" {
		t.Errorf("%+v, %v", again, err)
	}
	for _, err := range got {
		if err != nil {
			wantError(t, err, connectors.Refused, "demande_en_cours")
		}
	}
}

// A process ended between the ledger and the agenda: the call that is repeated goes on from there.
func TestAnInvitationThatWasCutOffIsMadeByTheRepeatedCall(t *testing.T) {
	w := newWorld(t)
	who := booking.Beneficiary{FirstName: "Prénom", LastName: "Nom", Phone: "+33639980001"}
	w.desk.ends = true
	cut := make(chan struct{})
	go func() { defer close(cut); _, _ = w.orient("k", "f", who) }()
	<-cut
	w.desk.ends = false
	_, err := w.orient("k", "f", who)
	wantError(t, err, connectors.Refused, "demande_en_cours")
	w.now.Add(60)
	w.desk.before = make(chan struct{})
	var r booking.Result
	var wg sync.WaitGroup
	wg.Go(func() { r, err = w.orient("k", "f", who) })
	<-w.desk.before // she is being made known, and it takes its time
	_, other := w.orient("k", "f", who)
	wantError(t, other, connectors.Refused, "demande_en_cours")
	close(w.desk.before)
	wg.Wait()
	if err != nil || r.Appointment.Details.Page == "" || len(w.desk.invited) != 1 {
		t.Errorf("%+v, %v; made known %d times", r.Appointment, err, len(w.desk.invited))
	}
}

// followed is an invitation of which the desk has said something, and that was asked about.
func (w *world) followed(t *testing.T, a booking.Appointment, fate connectors.Fate, at interval.Interval) {
	t.Helper()
	w.desk.becomes(a.Upstream.Reference, fate, at)
	if err := w.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheSoftwareSaysStandsIsNotCalledCancelled(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.followed(t, a, connectors.Booked, ofTuesday)
	_, err := w.Conclude(t.Context(), call("i"), a.ID, booking.Cancelled, interval.Interval{}, booking.TheBeneficiary)
	wantError(t, err, connectors.Refused, "rendez_vous_tient")
	w.stands(t, a.ID, booking.Confirmed)
	_, err = w.Move(t.Context(), call("m"), a.ID, w.slot(t, "a", "", "09:00"))
	wantError(t, err, connectors.Unsupported, "deplacement_impossible")
}

func TestWhoCannotBeReachedIsNotSaidToBeTold(t *testing.T) {
	for _, c := range []struct {
		name string
		who  booking.Beneficiary
		want booking.Channel
	}{
		{"a mobile", booking.Beneficiary{Phone: "+33639980001"}, booking.SourceChannel},
		{"a mobile of La Réunion", booking.Beneficiary{Phone: "+262692000001"}, booking.SourceChannel},
		{"an e-mail", booking.Beneficiary{Email: "a@example.org"}, booking.SourceChannel},
		{"a landline", booking.Beneficiary{Phone: "+33475000001"}, booking.PrescriberChannel},
		{"nothing", booking.Beneficiary{}, booking.PrescriberChannel},
	} {
		w := newWorld(t)
		c.who.FirstName, c.who.LastName = "Prénom", "Nom"
		r, err := w.orient("k", "f", c.who)
		if err != nil {
			t.Fatal(err)
		}
		w.followed(t, r.Appointment, connectors.Booked, ofTuesday)
		w.followed(t, r.Appointment, connectors.Revoked, ofTuesday)
		var by []booking.Channel
		for _, n := range w.stands(t, r.Appointment.ID, booking.Cancelled).Notices {
			if n.To == booking.TheBeneficiary {
				by = append(by, n.Channel)
			}
		}
		if len(by) != 1 || by[0] != c.want {
			t.Errorf("%s: she is told by %q, want %s", c.name, by, c.want)
		}
	}
}

// Deleted over there, or not shown to us any more: nobody knows whether it stands, and people look after it.
func TestWhatIsNotThereAnyMoreIsForPeople(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.followed(t, a, connectors.Booked, ofTuesday)
	w.desk.becomes("un autre", connectors.Booked, ofTuesday)
	for i, want := range []booking.Status{booking.Confirmed, booking.Confirmed, booking.NeedsHuman} {
		if err := w.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.stands(t, a.ID, want)
		w.now.Add(int64([]int{60, 300, 0}[i]))
	}
	w.followed(t, a, connectors.Booked, ofTuesday)
	w.stands(t, a.ID, booking.Confirmed)
	w.desk.becomes("un autre", connectors.Booked, ofTuesday) // the count begins anew
	if err := w.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.stands(t, a.ID, booking.Confirmed)
	w.desk.fails = &connectors.Error{Op: "follow", Kind: connectors.Unavailable} // silence is no absence
	w.now.Add(600)
	if err := w.Follow(t.Context()); err == nil {
		t.Error("that it could not be asked is not said")
	}
	w.stands(t, a.ID, booking.Confirmed)
}

func TestATimeThatIsLearntIsNoMove(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.desk.fails = &connectors.Error{Op: "follow", Kind: connectors.Unavailable}
	if _, err := w.Conclude(t.Context(), call("oui"), a.ID, booking.Confirmed, interval.Interval{}, ""); err != nil {
		t.Fatal(err)
	}
	w.desk.fails = nil
	w.followed(t, a, connectors.Booked, ofTuesday)
	got := w.stands(t, a.ID, booking.Confirmed)
	if got.Interval != ofTuesday || got.ReplacedBy != "" || got.Upstream.Upstream != "participation-1" {
		t.Errorf("%+v", got)
	}

	r, err := w.orient("page", "c")
	if err != nil {
		t.Fatal(err)
	}
	id := r.Appointment.ID
	if _, err := w.Conclude(t.Context(), call("sans heure"), id, booking.Confirmed, interval.Interval{}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Conclude(t.Context(), call("avec l'heure"), id, booking.Confirmed, ofFriday, ""); err != nil {
		t.Fatal(err)
	}
	if got := w.stands(t, id, booking.Confirmed); got.Interval != ofFriday {
		t.Errorf("%v", got.Interval)
	}
}

func TestACancellationIsOfWhatStandsNow(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.followed(t, a, connectors.Booked, ofTuesday)
	w.desk.becomes(a.Upstream.Reference, connectors.Booked, ofFriday) // she chose another time, and nobody has looked since
	_, err := w.Cancel(t.Context(), call("c"), a.ID, booking.Ending{By: booking.ThePrescriber})
	wantError(t, err, connectors.Refused, "etape_impossible")
	old := w.stands(t, a.ID, booking.Moved)
	next := w.stands(t, old.ReplacedBy, booking.Confirmed)
	if next.Interval != ofFriday || len(w.desk.freed) != 0 {
		t.Errorf("%+v; freed %+v", next, w.desk.freed)
	}
}

func TestMovedThenAttendedCountsOnTheDayThatItWas(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.followed(t, a, connectors.Booked, ofTuesday)
	w.followed(t, a, connectors.Attended, ofFriday)
	old := w.stands(t, a.ID, booking.Moved)
	if got := w.stands(t, old.ReplacedBy, booking.Honoured); got.Interval != ofFriday {
		t.Errorf("%v", got.Interval)
	}
}

// Whether an invitation came to nothing is asked, not supposed.
func TestAnInvitationEndsOnceItsSoftwareSaysThatNothingCame(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.now.Add(int64((14 * 24 * time.Hour).Seconds()))
	w.desk.fails = &connectors.Error{Op: "follow", Kind: connectors.Unavailable}
	if n, err := w.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	if err := w.Follow(t.Context()); err == nil {
		t.Error("that it could not be asked is not said")
	}
	w.stands(t, a.ID, booking.HandedOff)
	w.desk.fails = nil
	if err := w.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.stands(t, a.ID, booking.Expired)
}

func TestAnInvitationThatSheLetGoOrThatNobodyCanAskAboutEndsToo(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.now.Add(int64((14 * 24 * time.Hour).Seconds()))
	w.followed(t, a, connectors.Withdrawn, ofTuesday)
	w.stands(t, a.ID, booking.Expired)

	w = newWorld(t)
	a = w.invited(t)
	w.desk.fails = &connectors.Error{Op: "follow", Kind: connectors.Misconfigured}
	w.now.Add(int64((28 * 24 * time.Hour).Seconds()))
	if n, err := w.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	w.stands(t, a.ID, booking.Expired)
}

func TestNobodyIsAskedAboutOnceErased(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	w.followed(t, a, connectors.Booked, ofTuesday)
	if err := w.ledger.Erase(t.Context(), a.ID, "operateur"); err != nil {
		t.Fatal(err)
	}
	asked := w.desk.followed
	w.followed(t, a, connectors.Attended, ofTuesday)
	if got := w.stands(t, a.ID, booking.Confirmed); got.Upstream != (connectors.Appointment{}) || w.desk.followed != asked {
		t.Errorf("%+v; asked %d times", got.Upstream, w.desk.followed-asked)
	}
}

// However many wait, few are asked about in a minute, and all of them in their turn.
// Who was invited twice is asked about whole: of her two links the agenda must see both, or it takes one for the other.
func TestEverybodyIsAskedAboutInHerTurn(t *testing.T) {
	w := newWorld(t)
	const people = 45
	for again := range 2 {
		for i := range people {
			w.desk.knows = i + 1
			who := booking.Beneficiary{FirstName: "Prénom", LastName: booking.Name(fmt.Sprint("Nom", i))}
			if _, err := w.orient(fmt.Sprint("k", again, "-", i), "f", who); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := make(map[string]bool)
	for range 3 {
		w.desk.seen = make(map[string]int)
		if err := w.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		turn := make(map[string]int)
		for link := range w.desk.seen {
			person, _, _ := strings.Cut(link, "@")
			turn[person]++
			all[person] = true
		}
		if len(turn) != 20 {
			t.Errorf("%d people were asked about in a minute", len(turn))
		}
		for person, links := range turn {
			if links != 2 {
				t.Errorf("%d of the two links of %s were asked about", links, person)
			}
		}
		w.now.Add(60)
	}
	if len(all) != people {
		t.Errorf("after three minutes %d of %d were asked about", len(all), people)
	}
}

// What somebody waits for is not held back by what was known of the agenda before.
func TestAnAgendaKnowsWhoWaits(t *testing.T) {
	w := newWorld(t)
	a := w.invited(t)
	if !w.desk.urgent["invite"] {
		t.Error("an invitation is not urgent")
	}
	if err := w.Follow(t.Context()); err != nil || w.desk.urgent["follow"] {
		t.Errorf("nobody waits for what is asked each minute: %v", err)
	}
	if _, err := w.Conclude(t.Context(), call("issue"), a.ID, booking.Expired, interval.Interval{}, ""); err != nil || !w.desk.urgent["follow"] {
		t.Errorf("before her word is taken it is asked urgently: %v", err)
	}
}

// However many orientations wait for the word of their agenda, what expired after them ends.
func TestThoseWhoAreStillFollowedStopNoExpiry(t *testing.T) {
	w := newWorld(t)
	for i := range 500 {
		if _, err := w.orient(fmt.Sprint("k", i), "f", booking.Beneficiary{FirstName: "Prénom", LastName: booking.Name(fmt.Sprint("Nom", i))}); err != nil {
			t.Fatal(err)
		}
	}
	w.now.Add(60)
	by, err := w.orient("page", "c") // of a page that tells nothing
	if err != nil {
		t.Fatal(err)
	}
	w.now.Add(int64(14 * 24 * time.Hour / time.Second))
	if n, err := w.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	w.stands(t, by.Appointment.ID, booking.Expired)
}

// Who may still come is not erased, and it is said what to do first.
func TestAnOrientedPersonIsErasedAfterItsIssue(t *testing.T) {
	w := newWorld(t)
	made, err := w.orient("k", "f", booking.Beneficiary{FirstName: "Prénom", LastName: "Nom", Reference: "elle"})
	if err != nil {
		t.Fatal(err)
	}
	err = w.ErasePerson(t.Context(), booking.Call{Partner: "p1"}, "elle")
	wantError(t, err, connectors.Refused, "rendez_vous_a_venir")
	if !strings.Contains(err.Error()+err.(*booking.Error).Detail, "issue") {
		t.Errorf("it does not say how: %v", err)
	}
	if _, err := w.Conclude(t.Context(), call("i"), made.Appointment.ID, booking.Expired, interval.Interval{}, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.ErasePerson(t.Context(), booking.Call{Partner: "p1"}, "elle"); err != nil {
		t.Error(err)
	}
}
