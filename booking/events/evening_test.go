package events

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/connectors/interval"
	"passerelle/internal/held"
	"passerelle/internal/testservers"
)

const listAddress = "accueil." + secretWord + "@exemple.org"

// listsOf are lists that may go to one address.
func listsOf(e Evenings) *Lists {
	return &Lists{
		Evenings: e, Addresses: func(*booking.Place) []string { return []string{"autre@exemple.org", listAddress} },
		Sheet: func(id string) string { return "https://rdv.example/structure/rendez-vous/" + id }, Switch: func(place string) string { return "https://rdv.example/structure/lieux/" + place + "/calendrier" },
	}
}

// evening is a gateway that runs twice over one ledger, with places that are called as their zones.
type evening struct {
	*ledger.Ledger
	t       *testing.T
	clock   *held.Clock
	server  *mailServer
	mailers [2]*Mailer
	lists   *Lists
	taken   int
}

func onBothLedgers(t *testing.T, do func(e *evening)) {
	for name, where := range map[string]func(*testing.T) ledger.Options{
		"sqlite": func(t *testing.T) ledger.Options { return ledger.Options{Path: filepath.Join(t.TempDir(), "r.db")} },
		"postgres": func(t *testing.T) ledger.Options {
			return ledger.Options{URL: testservers.StartPostgres(t, "fsync=off").NewDatabase(t)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := &evening{t: t, clock: held.NewClock(mailNow), server: startMailServer(t, nil)}
			o := where(t)
			o.Keys, o.Now = [][]byte{bytes.Repeat([]byte{1}, 32)}, e.clock.Now
			var err error
			if e.Ledger, err = ledger.Open(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = e.Close() })
			e.lists = listsOf(e.Ledger)
			e.restart()
			do(e)
		})
	}
}

func (e *evening) restart() {
	for i := range e.mailers {
		e.mailers[i], _, _ = newTestMailer(e.t, newOutbox(mailNow), e.server, func(o *MailOptions) {
			o.Lists, o.Now = e.lists, e.clock.Now
			o.Place = func(id string) *booking.Place {
				zone, err := time.LoadLocation(strings.ReplaceAll(id, "_", "/"))
				if err != nil {
					e.t.Fatal(err)
				}
				return &booking.Place{ID: id, Name: "Médiathèque", Zone: zone}
			}
		})
	}
}

func (e *evening) want(place, address string) {
	e.t.Helper()
	if err := e.KeepEvening(e.t.Context(), &booking.Place{ID: place}, address, "compte"); err != nil {
		e.t.Fatal(err)
	}
}

// book takes a quarter of an hour at a place, from a time of its clock.
func (e *evening) book(place, at string) string {
	e.t.Helper()
	start, err := time.ParseInLocation("2006-01-02 15:04", at, e.mailers[0].Place(place).Zone)
	if err != nil {
		e.t.Fatal(err)
	}
	e.taken++
	id, when := hexID(e.taken), interval.Of(start, start.Add(15*time.Minute))
	details := mailSubject(id, booking.Confirmed).Details
	details.Beneficiary.Phone = "+33639980001"
	_, err = e.Claim(e.t.Context(), booking.Claim{
		Appointment: booking.Appointment{ID: id, Partner: "p", Place: place, Agenda: place, Interval: when, Seats: 1, Motif: booking.Motif{Label: "Accompagnement"}},
		Footprint:   when, Session: id, Capacity: 1,
		Change: &booking.Change{Event: booking.Keep, By: "p", Seats: 1, Details: details},
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return id
}

// send has both of them send what is due at an instant, and is what came.
func (e *evening) send(at time.Time) []mailRead {
	e.t.Helper()
	e.clock.Set(at)
	before := len(e.server.all())
	var both sync.WaitGroup
	for _, m := range e.mailers {
		both.Go(func() {
			if err := m.SendLists(context.Background()); err != nil {
				e.t.Error(err)
			}
		})
	}
	both.Wait()
	var out []mailRead
	for _, taken := range e.server.all()[before:] {
		if taken.to != listAddress {
			e.t.Errorf("a list to %s", taken.to)
		}
		out = append(out, readMail(e.t, taken.raw))
	}
	return out
}

// The day whose clocks are set back has 25 hours, that whose clocks are set forward 23; overseas none are.
func TestAPlaceHasTheListOfTheNextDayAtSixOnItsClock(t *testing.T) {
	onBothLedgers(t, func(e *evening) {
		zones := []string{"Europe_Paris", "Indian_Reunion", "Pacific_Noumea"}
		days := []string{"2026-11-25", "2027-03-28", "2026-10-25"}
		for _, place := range zones {
			e.want(place, listAddress)
			for _, day := range days {
				for _, hour := range []string{"00:00", "09:30", "23:45"} {
					e.book(place, day+" "+hour)
				}
			}
		}
		slices.Sort(days)
		for _, day := range days {
			noon, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			came := make(map[string]int)
			for at := noon.Add(-36 * time.Hour); at.Before(noon.Add(36 * time.Hour)); at = at.Add(30 * time.Minute) {
				for _, mail := range e.send(at) {
					place := zones[slices.IndexFunc(zones, func(z string) bool { return strings.Contains(mail.text, z+"/calendrier") })]
					came[place]++
					local := at.In(e.mailers[0].Place(place).Zone)
					if local.Hour() != 18 || local.Minute() != 0 || local.AddDate(0, 0, 1).Format(time.DateOnly) != day {
						t.Errorf("%s: the list of %s comes at %v", place, day, local)
					}
					for _, words := range []string{"0 h 00 : Accompagnement\nNom : Anne-" + secretWord + " Durand\nTéléphone : 06 39 98 00 01\nVoir sa page : https://rdv.example/structure/rendez-vous/", "9 h 30 : ", "23 h 45 : "} {
						if !strings.Contains(mail.text, words) {
							t.Errorf("%s: %q is not in\n%s", place, words, mail.text)
						}
					}
					if n := strings.Count(mail.text, "Nom : "); n != 3 || mail.html == "" || !strings.HasSuffix(mail.subject, " : 3") {
						t.Errorf("%s: %d persons under %q", place, n, mail.subject)
					}
					for _, need := range []string{"démarches", "Dossier", "portugais", "LSF", "usager."} {
						if strings.Contains(mail.text+mail.html+mail.subject, need) {
							t.Errorf("the list says %q:\n%s", need, mail.text)
						}
					}
				}
			}
			if fmt.Sprint(came) != fmt.Sprint(map[string]int{zones[0]: 1, zones[1]: 1, zones[2]: 1}) {
				t.Errorf("of %s came %v", day, came)
			}
		}
	})
}

// six is the evening before what is booked on 2026-11-25 in Paris.
var six = time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC)

func TestAListIsTriedAgainAndSentOnceInEffect(t *testing.T) {
	onBothLedgers(t, func(e *evening) {
		const place = "Europe_Paris"
		e.want(place, listAddress)
		e.book(place, "2026-11-25 09:00")
		e.server.rcpt = func(string) error { return smtpNo(451) }
		if got := e.send(six); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		e.server.rcpt, e.server.data = func(string) error { return nil }, func(_ string, taken func()) error { taken(); return dropped }
		if got := e.send(six.Add(5 * time.Minute)); len(got) != 0 {
			t.Error("it is tried again at once")
		}
		e.restart()
		first := e.send(six.Add(10 * time.Minute))
		e.server.data = func(_ string, taken func()) error { taken(); return nil }
		again := e.send(six.Add(20 * time.Minute))
		if len(first) != 1 || len(again) != 1 || first[0].id == "" || first[0].id != again[0].id {
			t.Fatalf("taken, and the answer lost: %d mails, then %d, of one name %t", len(first), len(again), len(first) == 1 && len(again) == 1)
		}
		e.restart()
		e.want(place, "")
		e.want(place, listAddress)
		for _, later := range []time.Duration{30 * time.Minute, 3 * time.Hour, 9 * time.Hour} {
			if got := e.send(six.Add(later)); len(got) != 0 {
				t.Errorf("%v later it is sent again", later)
			}
		}
		e.book(place, "2026-11-26 09:00")
		if got := e.send(six.Add(24 * time.Hour)); len(got) != 1 || got[0].id == first[0].id {
			t.Errorf("of the next day came %d", len(got))
		}
	})
}

func TestAListIsSentLateButNotInTheDay(t *testing.T) {
	onBothLedgers(t, func(e *evening) {
		const place = "Europe_Paris"
		e.want(place, listAddress)
		e.book(place, "2026-11-25 09:00")
		e.book(place, "2026-11-26 09:00")
		if got := e.send(six.Add(13*time.Hour + 59*time.Minute)); len(got) != 1 || !strings.Contains(got[0].subject, "mercredi 25 novembre") {
			t.Errorf("at 7 h 59: %+v", got)
		}
		e.want("Europe_Madrid", listAddress)
		e.book("Europe_Madrid", "2026-11-25 09:00")
		for hour := 14; hour < 24; hour++ {
			if got := e.send(six.Add(time.Duration(hour) * time.Hour)); len(got) != 0 {
				t.Errorf("%d h after: %+v", hour, got)
			}
		}
	})
}

func TestNoListIsSentToNobodyAboutNothing(t *testing.T) {
	onBothLedgers(t, func(e *evening) {
		for _, x := range []struct{ place, address, at string }{
			{"Europe_Paris", listAddress, ""},                             // nothing that day
			{"Europe_Madrid", "ancienne@exemple.org", "2026-11-25 09:00"}, // it was the place's address
			{"Europe_Berlin", "", "2026-11-25 09:00"},                     // wanted no more
			{"Europe_Rome", listAddress, "2026-11-26 09:00"},              // the day after
		} {
			e.want(x.place, listAddress)
			e.want(x.place, x.address)
			if x.at != "" {
				e.book(x.place, x.at)
			}
		}
		ended := e.book("Europe_Paris", "2026-11-25 10:00")
		a, err := e.AnyAppointment(t.Context(), ended)
		if err == nil {
			_, err = e.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: booking.Cancel, By: "p", Ended: &booking.Ending{By: booking.TheBeneficiary}})
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := e.send(six); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		e.book("Europe_Paris", "2026-11-25 11:00")
		if got := e.send(six.Add(time.Hour)); len(got) != 0 {
			t.Errorf("what is booked in the evening makes a list: %+v", got)
		}
		refused := 0
		e.server.rcpt = func(string) error { refused++; return smtpNo(550) }
		e.want("Europe_Vienna", listAddress)
		e.book("Europe_Vienna", "2026-11-25 09:00")
		for n := range 3 {
			e.send(six.Add(time.Hour + time.Duration(n)*listAgain))
		}
		if refused != 1 {
			t.Errorf("an address that is refused is tried %d times", refused)
		}
		for place, gone := range map[string]bool{"Europe_Vienna": false, "Europe_Paris": true} {
			if kept, err := e.Evening(t.Context(), &booking.Place{ID: place}); err != nil || kept.Untold == gone {
				t.Errorf("%s: the list has gone: %t; kept is %+v, %v", place, gone, kept, err)
			}
		}
	})
}
