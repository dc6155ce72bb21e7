package icalendar

import (
	"regexp"
	"testing"
)

func TestWhatAnEventMeans(t *testing.T) {
	const (
		tentative = "STATUS:TENTATIVE"
		seen      = "TRANSP:TRANSPARENT"
		cdo       = "X-MICROSOFT-CDO-BUSYSTATUS:"
		owner     = "a@exemple.fr"
	)
	permanence := &Openings{Summary: regexp.MustCompile("(?i)permanence")}
	for _, c := range []struct {
		name  string
		lines []string
		o     Options
		want  Meaning
	}{
		{"nothing said", nil, Options{}, Busy},
		{"transparent", []string{seen}, Options{}, Free},
		{"a transparency nobody knows", []string{"TRANSP:PEUT-ETRE"}, Options{}, Busy},
		{"tentative", []string{tentative}, Options{}, Busy},
		{"tentative, set free", []string{tentative}, Options{FreeTentative: true}, Free},
		{"Outlook free, though opaque", []string{"TRANSP:OPAQUE", cdo + "FREE"}, Options{}, Free},
		{"Outlook busy, though transparent", []string{seen, cdo + "BUSY"}, Options{}, Busy},
		{"Outlook out of office", []string{cdo + "OOF"}, Options{FreeTentative: true, FreeElsewhere: true}, Busy},
		{"Outlook out of office, set free", []string{cdo + "OOF"}, Options{FreeOutOfOffice: true}, Free},
		{"Outlook elsewhere, set free", []string{cdo + "WORKINGELSEWHERE"}, Options{FreeElsewhere: true}, Free},
		{"Outlook tentative, set free", []string{cdo + "TENTATIVE"}, Options{FreeTentative: true}, Free},
		{"a status of Outlook nobody knows", []string{cdo + "SLEEPING"}, Options{FreeTentative: true}, Busy},
		{"declined by the owner", []string{"ATTENDEE;PARTSTAT=DECLINED:mailto:A@EXEMPLE.FR"}, Options{Owner: owner}, Free},
		{"declined by the owner, whom nobody named", []string{"ATTENDEE;PARTSTAT=DECLINED:mailto:a@exemple.fr"}, Options{}, Busy},
		{"declined by another", []string{"ATTENDEE;PARTSTAT=DECLINED:mailto:b@exemple.fr"}, Options{Owner: owner}, Busy},
		{"declined through another address", []string{"ATTENDEE;EMAIL=a@exemple.fr;PARTSTAT=DECLINED:urn:x"}, Options{Owner: owner}, Free},
		{"not answered", []string{"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@exemple.fr"}, Options{Owner: owner, FreeTentative: true}, Busy},
		{"opening by summary", []string{"SUMMARY:Permanence"}, Options{Openings: permanence}, Open},
		{"opening that leaves the diary free", []string{"SUMMARY:Permanence", seen}, Options{Openings: permanence}, Open},
		{"no opening", []string{"SUMMARY:Réunion"}, Options{Openings: permanence}, Busy},
		{"opening by category", []string{"CATEGORIES:a,Accueil du public"}, Options{Openings: &Openings{Categories: []string{"accueil DU public"}}}, Open},
		{"all are openings", nil, Options{Openings: &Openings{}}, Open},
		{"tentative opening", []string{tentative}, Options{Openings: &Openings{}}, Free},
		{"opening that the owner declined", []string{"ATTENDEE;PARTSTAT=DECLINED:mailto:a@exemple.fr"}, Options{Owner: owner, Openings: &Openings{}}, Free},
	} {
		lines := append([]string{"DTSTART:20260103T090000Z", "DURATION:PT1H"}, c.lines...)
		got, err := Read(calendar(eventOf(lines...)), year2026(mustLoad(t, "Europe/Paris")), c.o)
		if err != nil || len(got.Occurrences) != 1 {
			t.Fatalf("%s: %v, %v", c.name, got, err)
		}
		if m := got.Occurrences[0].Meaning; m != c.want {
			t.Errorf("%s: means %d, want %d", c.name, m, c.want)
		}
		if taken := len(got.Busy()) > 0; taken != (c.want == Busy) {
			t.Errorf("%s: Busy is %v", c.name, got.Busy())
		}
		if offered := len(got.Open()) > 0; offered != (c.want == Open) {
			t.Errorf("%s: Open is %v", c.name, got.Open())
		}
	}
}
