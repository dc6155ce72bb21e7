package web

import (
	"slices"
	"testing"

	"passerelle/booking"
)

func TestWhoIsToldIsSaidAsItIs(t *testing.T) {
	const structure, person, prescriber = booking.TheStructure, booking.TheBeneficiary, booking.ThePrescriber
	confirmation := func(to booking.Actor, by booking.Channel, is booking.NoticeState) booking.Notice {
		return booking.Notice{Version: 2, To: to, About: booking.AboutConfirmation, Channel: by, State: is}
	}
	reminder := func(is booking.NoticeState) booking.Notice {
		return booking.Notice{Version: 2, To: person, About: booking.AboutReminder, Channel: booking.MailChannel, State: is}
	}
	cancelled := booking.Notice{Version: 3, To: person, About: booking.AboutCancellation, Channel: booking.MailChannel, State: booking.NoticeSent}
	failed := confirmation(person, booking.MailChannel, booking.NoticeFailed)
	for name, c := range map[string]struct {
		notices []booking.Notice
		want    []string
		untold  bool
	}{
		"a failure, and a reminder to come":   {[]booking.Notice{failed, reminder(booking.NoticeDue)}, []string{"La personne : par courriel, non remis : prévenez-la vous-même"}, true},
		"a failure, and a reminder":           {[]booking.Notice{failed, reminder(booking.NoticeSent)}, []string{"La personne : par courriel, non remis : prévenez-la vous-même"}, true},
		"a failure, and later news":           {[]booking.Notice{failed, cancelled}, []string{"La personne : par courriel, envoyé"}, false},
		"a reminder that failed":              {[]booking.Notice{confirmation(person, booking.MailChannel, booking.NoticeSent), reminder(booking.NoticeFailed)}, []string{"La personne : par courriel, non remis : prévenez-la vous-même"}, true},
		"a short message":                     {[]booking.Notice{confirmation(person, booking.SMSChannel, booking.NoticeDue)}, []string{"La personne : par SMS, en cours d'envoi"}, false},
		"what was not worth sending":          {[]booking.Notice{confirmation(person, booking.MailChannel, booking.NoticeDropped)}, []string{"La personne : par courriel, pas envoyé : le rendez-vous a changé avant"}, false},
		"a structure without an address":      {[]booking.Notice{confirmation(structure, booking.NoChannel, booking.NoticeUntold)}, []string{"Le lieu : aucun message ne lui est envoyé, prévenez-le vous-même"}, false},
		"a prescriber without an address":     {[]booking.Notice{confirmation(prescriber, booking.NoChannel, booking.NoticeUntold)}, []string{"Vous : aucun message ne vous est envoyé"}, false},
		"the prescriber, who has said it":     {[]booking.Notice{confirmation(prescriber, booking.PrescriberChannel, booking.NoticeEntrusted)}, nil, false},
		"a person whom the prescriber tells":  {[]booking.Notice{confirmation(person, booking.PrescriberChannel, booking.NoticeEntrusted)}, []string{"La personne : par vous"}, true},
		"a person whom the place's own tells": {[]booking.Notice{confirmation(person, booking.SourceChannel, booking.NoticeEntrusted)}, []string{"La personne : par le logiciel du lieu"}, false},
	} {
		var v sheet
		if v.told(booking.Appointment{Status: booking.Confirmed, Notices: c.notices}); !slices.Equal(v.Told, c.want) || v.Untold != c.untold {
			t.Errorf("%s: %q, untold %v", name, v.Told, v.Untold)
		}
	}
}
