package booking

import (
	"strings"
	"time"

	"passerelle/connectors"
)

// channels says how each is told of an appointment. Nobody is left untold in silence: who has no channel is said so.
func (s *Service) channels(a *Agenda, d Details) map[Actor]Channel {
	out := map[Actor]Channel{
		TheStructure: NoChannel, ThePrescriber: MailChannel, TheBeneficiary: PrescriberChannel, TheOperator: NoChannel,
	}
	if a.Notice != "" {
		out[TheStructure] = MailChannel
	}
	if d.Prescriber.Email == "" {
		out[ThePrescriber] = NoChannel
	}
	switch b := d.Beneficiary; {
	case b.Contact == ByEmail && b.Email != "":
		out[TheBeneficiary] = MailChannel
	case b.Contact == BySMS && s.SMS && b.Phone.mobile():
		out[TheBeneficiary] = SMSChannel
	}
	if s.Operator {
		out[TheOperator] = MailChannel
	}
	return out
}

// tellingOf is how people are told of what is taken for them in an agenda that the gateway alone tells of.
func (s *Service) tellingOf(a *Agenda, zone *time.Location, d Details) Telling {
	channels := s.channels(a, d)
	return Telling{channels, reminder(channels, zone)}
}

// telling is how those of an appointment are told of what becomes of it, and reminded of it.
func (s *Service) telling(a Appointment) Telling {
	channels := s.channelsOf(a)
	p, err := s.place(a.Place)
	if err != nil { // nobody knows its clock
		return Telling{Channels: channels}
	}
	return Telling{channels, reminder(channels, p.Zone)}
}

// channelsOf is how those of an appointment are told of what becomes of it. Once the agenda's own software has it, that
// may be who tells them.
func (s *Service) channelsOf(a Appointment) map[Actor]Channel {
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok {
		agenda = &Agenda{}
	}
	var d Details
	if a.Details != nil {
		d = *a.Details
	}
	out := s.channels(agenda, d)
	switch {
	case a.Guarantee == connectors.Handoff:
		out[TheStructure], out[TheBeneficiary] = SourceChannel, PrescriberChannel
		if d.Beneficiary.Email != "" || d.Beneficiary.Phone.mobile() {
			out[TheBeneficiary] = SourceChannel
		}
	case agenda.Tells == SourceTells && agenda.Path(a.Motif) == BySending:
		out[TheStructure], out[TheBeneficiary] = SourceChannel, SourceChannel
	}
	return out
}

// mobile reports whether a number surely takes short messages: those of France that begin so (numbering plan of ARCEP).
func (p Phone) mobile() bool {
	for _, prefix := range []string{"+336", "+337", "+262692", "+262693", "+262639", "+590690", "+590691", "+594694", "+596696", "+596697"} {
		if strings.HasPrefix(string(p), prefix) {
			return true
		}
	}
	return false
}
