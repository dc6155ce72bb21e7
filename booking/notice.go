package booking

import "time"

// NewNotice is a message that a step at now makes due. Who has no channel has one too: nobody is left untold in silence.
func NewNotice(a Appointment, c Command, by Channel, now time.Time) Notice {
	n := Notice{
		Appointment: a.ID, Version: a.Version, To: c.To, About: c.About, Channel: by, State: NoticeDue,
		Created: now, Due: now.Add(c.After),
	}
	switch by {
	case "", NoChannel:
		n.Channel, n.State = NoChannel, NoticeUntold
	case PrescriberChannel, SourceChannel:
		n.State = NoticeEntrusted
	}
	return n
}
