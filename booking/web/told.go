package web

import "passerelle/booking"

// told says who hears of it, and how.
func (v *sheet) told(a booking.Appointment) {
	for _, x := range []struct {
		to    booking.Actor
		words string
	}{{booking.TheStructure, "Le lieu"}, {booking.TheBeneficiary, "La personne"}, {booking.ThePrescriber, "Vous"}} {
		n, ok := newsFor(a.Notices, x.to)
		if !ok || n.To == booking.ThePrescriber && n.Channel == booking.PrescriberChannel { // it was she who said so
			continue
		}
		v.Told = append(v.Told, x.words+" : "+noticeInWords(n))
		v.Untold = v.Untold || x.to == booking.TheBeneficiary && a.Status.Occupies() && (n.Channel == booking.PrescriberChannel || n.Channel == booking.NoChannel || n.State == booking.NoticeFailed)
	}
}

// newsFor is the message by which somebody knows how things are: the latest, or one of the same step that did not arrive. A
// reminder counts once it has gone: until then it tells nobody anything.
func newsFor(all []booking.Notice, to booking.Actor) (news booking.Notice, ok bool) {
	for _, n := range all {
		gone := n.State == booking.NoticeSent || n.State == booking.NoticeFailed
		switch {
		case n.To != to || n.About == booking.AboutReminder && !gone:
		case ok && n.Version == news.Version && news.State == booking.NoticeFailed:
		default:
			news, ok = n, true
		}
	}
	return news, ok
}

// untoldInWords is what its taker is told of who has no channel, and of whom a message did not reach.
var untoldInWords = map[booking.Actor]struct{ none, failed string }{
	booking.TheStructure:   {"aucun message ne lui est envoyé, prévenez-le vous-même", "non remis : prévenez-le vous-même"},
	booking.TheBeneficiary: {"aucun message ne lui est envoyé, prévenez-la vous-même", "non remis : prévenez-la vous-même"},
	booking.ThePrescriber:  {"aucun message ne vous est envoyé", "non remis : vérifiez votre adresse"},
}

func noticeInWords(n booking.Notice) string {
	how := "par courriel"
	switch n.Channel {
	case booking.NoChannel:
		return untoldInWords[n.To].none
	case booking.PrescriberChannel:
		return "par vous"
	case booking.SourceChannel:
		return "par le logiciel du lieu"
	case booking.SMSChannel:
		how = "par SMS"
	}
	switch n.State {
	case booking.NoticeSent:
		return how + ", envoyé"
	case booking.NoticeFailed:
		return how + ", " + untoldInWords[n.To].failed
	case booking.NoticeDropped:
		return how + ", pas envoyé : le rendez-vous a changé avant"
	}
	return how + ", en cours d'envoi"
}
