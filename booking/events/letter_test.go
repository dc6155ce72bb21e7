package events

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

var updateLetters = flag.Bool("update", false, "write the letters of testdata anew")

// letterCase is a message of which a letter stands in testdata.
type letterCase struct {
	name   string
	to     booking.Actor
	about  booking.Topic
	status booking.Status
	before []booking.Notice             // what was owed earlier, or at the same step
	change func(a *booking.Appointment) // nil for the fixture as it is
}

func letterCases() []letterCase {
	everybody := []booking.Actor{booking.TheStructure, booking.ThePrescriber, booking.TheBeneficiary}
	byMail := func(about booking.Topic, version int, actors ...booking.Actor) (out []booking.Notice) {
		for _, to := range actors {
			out = append(out, booking.Notice{To: to, About: about, Version: version, Channel: booking.MailChannel, State: booking.NoticeSent})
		}
		return out
	}
	alone := func(about booking.Topic, structure, person booking.Channel) []booking.Notice {
		return []booking.Notice{
			{To: booking.TheStructure, About: about, Version: 4, Channel: structure}, {To: booking.TheBeneficiary, About: about, Version: 4, Channel: person},
		}
	}
	ended := func(by booking.Actor, reason booking.Words) func(*booking.Appointment) {
		return func(a *booking.Appointment) { a.Ended.By, a.Details.EndReason = by, reason }
	}
	var cases []letterCase
	add := func(name string, about booking.Topic, status booking.Status, before []booking.Notice, change func(*booking.Appointment), to ...booking.Actor) {
		for _, actor := range to {
			cases = append(cases, letterCase{name, actor, about, status, before, change})
		}
	}
	add("", booking.AboutRequest, booking.Requested, nil, nil, booking.TheStructure, booking.ThePrescriber)
	add("", booking.AboutConfirmation, booking.Confirmed, byMail(booking.AboutConfirmation, 4, everybody...), nil, everybody...)
	add("sans_canal", booking.AboutConfirmation, booking.Confirmed, alone(booking.AboutConfirmation, booking.NoChannel, booking.PrescriberChannel), nil, booking.ThePrescriber)
	add("prevenue_par_la_source", booking.AboutConfirmation, booking.Confirmed, alone(booking.AboutConfirmation, booking.SourceChannel, booking.SourceChannel), nil, booking.ThePrescriber)
	add("prevenue_par_sms", booking.AboutConfirmation, booking.Confirmed, alone(booking.AboutConfirmation, booking.MailChannel, booking.SMSChannel), nil, booking.ThePrescriber)
	add("par_telephone_a_deux", booking.AboutConfirmation, booking.Confirmed, byMail(booking.AboutConfirmation, 4, everybody...), func(a *booking.Appointment) {
		a.Motif.Modality, a.Seats = booking.ByPhone, 2
	}, booking.TheBeneficiary)
	add("a_domicile", booking.AboutConfirmation, booking.Confirmed, byMail(booking.AboutConfirmation, 4, everybody...), func(a *booking.Appointment) {
		a.Motif.Modality = booking.AtHome
	}, booking.TheStructure)
	add("dans_son_agenda", booking.AboutConfirmation, booking.Confirmed, byMail(booking.AboutConfirmation, 4, everybody...), inAgenda, booking.TheStructure)
	add("", booking.AboutMove, booking.Confirmed, byMail(booking.AboutMove, 4, everybody...), nil, everybody...)
	add("", booking.AboutRefusal, booking.Refused, byMail(booking.AboutRefusal, 4, everybody[1:]...), ended(booking.TheStructure, "Plus de place.\nEn janvier ?"), everybody[1:]...)
	add("", booking.AboutExpiry, booking.Expired, byMail(booking.AboutExpiry, 4, everybody...), nil, everybody...)
	confirmed := append(byMail(booking.AboutConfirmation, 2, everybody...), byMail(booking.AboutCancellation, 4, everybody...)...)
	add("", booking.AboutCancellation, booking.Cancelled, confirmed, ended(booking.ThePrescriber, "Elle est souffrante."), everybody...)
	add("demande", booking.AboutCancellation, booking.Cancelled, byMail(booking.AboutCancellation, 4, everybody...), ended(booking.ThePrescriber, ""), everybody...)
	add("", booking.AboutDoubt, booking.NeedsHuman, nil, nil, booking.ThePrescriber, booking.TheStructure, booking.TheOperator)
	add("confirme", booking.AboutDoubt, booking.NeedsHuman, byMail(booking.AboutConfirmation, 2, everybody...), nil, booking.ThePrescriber, booking.TheStructure)
	add("", booking.AboutReminder, booking.Confirmed, byMail(booking.AboutConfirmation, 2, everybody...), nil, booking.ThePrescriber, booking.TheBeneficiary)
	add("", booking.AboutClash, booking.Confirmed, byMail(booking.AboutConfirmation, 2, everybody...), nil, booking.TheStructure, booking.ThePrescriber)
	return cases
}

func (c letterCase) told() booking.Told {
	a := mailSubject(someAppointment, c.status)
	a.Version, a.Agenda, a.Notices = 4, "agenda-1", c.before
	if c.change != nil {
		c.change(a)
	}
	return toldOf(a, c.to, c.about)
}

// letterMailer writes letters and sends none.
func letterMailer(t *testing.T) *Mailer {
	t.Helper()
	m, _, _ := newTestMailer(t, newOutbox(mailNow), &mailServer{host: "127.0.0.1", port: 2525}, func(o *MailOptions) { o.Lists = listsOf(nil) })
	return m
}

func TestLettersOfTestdata(t *testing.T) {
	m := letterMailer(t)
	used := make(map[string]bool)
	for _, c := range letterCases() {
		name := fmt.Sprintf("%s_%s", c.about, c.to)
		used[name+".txt"] = true
		if c.name != "" {
			name += "_" + c.name
		}
		t.Run(name, func(t *testing.T) {
			l, err := m.letterOf(c.told(), mailPlace(t), "lectrice@exemple.org")
			if err != nil {
				t.Fatal(err)
			}
			got := "Objet : " + l.subject + "\n\n" + l.text
			if l.invitation != nil {
				got += "\n=== " + l.method + "\n" + strings.ReplaceAll(strings.ReplaceAll(string(l.invitation), "\r\n ", ""), "\r\n", "\n")
			}
			asBefore(t, name+".golden", got)
			asBefore(t, name+".html", l.html)
		})
	}
	for name, s := range map[string]linkSheet{
		"connexion": {Link: "https://rdv.example/connexion/lien/jeton"},
		"lieu":      {Link: "https://rdv.example/compte/lien/jeton", Who: "Camille Martin, camille@exemple.org", Place: "Médiathèque, Eurre"},
	} {
		used[name+".txt"] = true
		l, err := m.letters.fill(name+".txt", s, s.Link)
		if err != nil {
			t.Fatal(err)
		}
		asBefore(t, name+".golden", "Objet : "+l.subject+"\n\n"+l.text)
		asBefore(t, name+".html", l.html)
	}
	used["liste.txt"] = true
	asked := mailSubject(hexID(2), booking.Requested)
	asked.Seats, asked.Details.Beneficiary = 3, booking.Beneficiary{Reference: "dossier 12"}
	l, err := m.listLetter(mailPlace(t), mailNow, []booking.Appointment{*mailSubject(hexID(1), booking.Confirmed), *asked})
	if err != nil {
		t.Fatal(err)
	}
	asBefore(t, "liste.golden", "Objet : "+l.subject+"\n\n"+l.text)
	asBefore(t, "liste.html", l.html)
	files, err := fs.Glob(letterFiles, "lettres/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := filepath.Base(f); name != "communs.txt" && !used[name] {
			t.Errorf("no letter of testdata is made from %s", name)
		}
	}
}

// Whatever Step makes somebody due has its letter.
func TestEveryMessageThatAStepMakesDueHasALetter(t *testing.T) {
	m, checked, reminders := letterMailer(t), 0, 0
	for _, from := range booking.Statuses() {
		for _, e := range booking.Events() {
			for _, s := range []booking.Standing{{Status: from}, {Status: from, Replaces: true}} {
				_, commands, err := booking.Step(s, e)
				if err != nil {
					continue
				}
				for _, cmd := range commands {
					if cmd.Do == booking.Remind {
						reminders++
						for _, to := range []booking.Actor{booking.TheBeneficiary, booking.ThePrescriber} {
							if _, err := m.letterOf(toldOf(mailSubject(hexID(1), from), to, booking.AboutReminder), mailPlace(t), "a@exemple.org"); err != nil {
								t.Errorf("%s on %s: %v", from, e, err)
							}
						}
					}
					if cmd.Do != booking.Tell {
						continue
					}
					checked++
					if _, err := m.letterOf(toldOf(mailSubject(hexID(1), from), cmd.To, cmd.About), mailPlace(t), "a@exemple.org"); err != nil {
						t.Errorf("%s on %s: %v", from, e, err)
					}
				}
			}
		}
	}
	if checked < 40 || reminders < 8 {
		t.Errorf("only %d messages and %d reminders were checked", checked, reminders)
	}
}

// Only the structure reads who comes and what for; the operator's letter and every subject name nobody.
func TestLettersSayNoMoreThanTheyMust(t *testing.T) {
	m := letterMailer(t)
	for _, c := range letterCases() {
		told := c.told()
		l, err := m.letterOf(told, mailPlace(t), "lectrice@exemple.org")
		if err != nil {
			t.Fatal(err)
		}
		d := told.Subject.Details
		need := []string{"démarches administratives", "Dossier", "portugais", "LSF", "61234", string(d.Beneficiary.Email)}
		persons := append([]string{secretWord, "Durand", "Camille", "Crest", string(d.EndReason)}, need...)
		forbid := func(where, text string, words []string) {
			t.Helper()
			for _, word := range words {
				if word != "" && strings.Contains(text, word) {
					t.Errorf("%s to %s: %s has %q", c.about, c.to, where, word)
				}
			}
		}
		forbid("the subject", l.subject, append(persons, told.Subject.Motif.Label))
		forbid("the invitation", string(l.invitation), persons)
		if c.to != booking.TheStructure {
			forbid("the text", l.text, need)
		}
		if c.to == booking.TheOperator {
			forbid("the text", l.text, append(persons, "Médiathèque", "décembre"))
		}
		if (c.to == booking.TheStructure && c.about == booking.AboutRequest) != strings.Contains(l.text, "/demandes/") {
			t.Errorf("%s to %s: who may answer?\n%s", c.about, c.to, l.text)
		}
	}
}

// The links of a demand lead to its appointment until that ends: who answered sees, past the deadline, what the answer was.
func TestADemandIsAnsweredByItsLinks(t *testing.T) {
	m := letterMailer(t)
	a := mailSubject(someAppointment, booking.Requested)
	l, err := m.letterOf(toldOf(a, booking.TheStructure, booking.AboutRequest), mailPlace(t), "a@exemple.org")
	if err != nil {
		t.Fatal(err)
	}
	var ends []string
	for line := range strings.SplitSeq(l.text, "\n") {
		_, link, ok := strings.Cut(line, " : https://")
		if !ok {
			continue
		}
		link, end, _ := strings.Cut("https://"+link, "#")
		ends = append(ends, end)
		for at, want := range map[time.Time]string{a.Expires: someAppointment, a.EndTime().Add(-time.Second): someAppointment, a.EndTime(): ""} {
			if got, _ := m.Answers.Read(tokenOf(t, link), at); got != want {
				t.Errorf("%s at %v reads as %q", end, at, got)
			}
		}
	}
	if !slices.Equal(ends, []string{"accepter", "refuser"}) {
		t.Errorf("the links are %v in\n%s", ends, l.text)
	}
}

// A place overseas is spoken of on its own clock.
func TestLettersTellTheTimeOfThePlace(t *testing.T) {
	m, p := letterMailer(t), mailPlace(t)
	zone, err := time.LoadLocation("Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	p.Zone = zone
	l, err := m.letterOf(toldOf(mailSubject(hexID(1), booking.Confirmed), booking.TheBeneficiary, booking.AboutConfirmation), p, "a@exemple.org")
	if err != nil {
		t.Fatal(err)
	}
	if want := "Date : mardi 1er décembre 2026 à 13 h 00 (heure du lieu)\n"; !strings.Contains(l.text, want) {
		t.Errorf("%q is not in\n%s", want, l.text)
	}
}

// asBefore compares a letter with the one of testdata, or keeps it there.
func asBefore(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", "lettres", name)
	if *updateLetters {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
