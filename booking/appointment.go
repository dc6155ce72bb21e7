package booking

import (
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Appointment (rendez-vous) is a slot taken for a person; a hold is one that has no person yet. What it keeps of
// its motif is as it was when it was taken.
type Appointment struct {
	ID                string // 128 random bits, also its identity in the agenda
	Partner           string // who made it; nobody else sees it
	Reference         string // the partner's own
	Place             string
	Agenda            string
	Motif             Motif
	interval.Interval     // empty: of an orientation whose time nobody has said
	Seats             int // nombre: how many persons come
	Status            Status
	Version           int // from 1; every change adds one
	Guarantee         connectors.Guarantee
	Created           time.Time
	Taken             time.Time // when it was taken for a person; zero for what never was more than a hold
	Modified          time.Time
	Expires           time.Time              // of a hold or a request; zero otherwise
	Extended          bool                   // a hold that was extended once
	Upstream          connectors.Appointment // as the agenda keeps it; zero where the ledger alone does
	Ended             Ending                 // who ended it and why
	Details           *Details               // nil for a hold, and once erased
	Notices           []Notice               // who is told, how, and whether it was done

	Chain      string // the id of the first of the appointments that this one is, through its moves
	Replaces   string // the id of the one whose place it takes; empty for most
	Replacing  bool   // it has not taken that place yet
	ReplacedBy string // the id of the one that took its place
}

// Standing is what Step has to know of it.
func (a Appointment) Standing() Standing {
	return Standing{Status: a.Status, Replaces: a.Replacing, Upstream: a.Upstream != (connectors.Appointment{}), Asked: a.Guarantee == connectors.OnRequest}
}

// Details are the personal data of an appointment, kept apart from the rest.
type Details struct {
	Beneficiary Beneficiary
	Prescriber  Prescriber
	Need        Need
	Consent     Consent
	Reception   []string // accueil_demande, among Motif.Reception
	EndReason   Words    // Ending.Reason: people write names there
	Page        Words    // of an orientation, where it is finished: it may be the person's own
}

// Beneficiary (usager) is the person accompanied.
type Beneficiary struct {
	FirstName, LastName Name
	Phone               Phone
	Email               Email
	Address             Words
	Language            string // BCP 47, or the language's name
	Contact             Contact
	Reference           string // the partner's name of the person
}

// Contact is how a person wants to be told. Its value is its wire name.
type Contact string

// The ways.
const (
	BySMS        Contact = "sms"
	ByCall       Contact = "appel"
	ByEmail      Contact = "courriel"
	ByPrescriber Contact = "par_prescripteur"
)

// Prescriber (prescripteur) is who books for the person.
type Prescriber struct {
	FirstName, LastName Name
	Email               Email
	Phone               Phone
	StructureName       string
	StructureSIRET      string
	Quality             string // professionnel, aidant_connect, proche
}

// Need (besoin) is what the person comes for.
type Need struct {
	Services []string // labels of the standard
	Details  Words    // at most 600 characters
}

// Consent is the basis on which the data was passed on.
type Consent struct {
	Mode      string // oral, ecrit, mandat
	At        time.Time
	Reference string // of the mandate, opaque
}

// Ending is who ended an appointment and why.
type Ending struct {
	By     Actor
	Reason Words
}

// Actor is who acts. Its value is its wire name.
type Actor string

// The actors.
const (
	TheStructure   Actor = "structure"
	ThePrescriber  Actor = "prescripteur"
	TheBeneficiary Actor = "usager"
	TheOperator    Actor = "operateur"
	TheGateway     Actor = "passerelle"
)

// Notice is a message due to somebody.
type Notice struct {
	ID          int64
	Appointment string
	Version     int // of the appointment, at the step that made it due
	To          Actor
	About       Topic
	Channel     Channel
	State       NoticeState
	Created     time.Time
	Due         time.Time // not before
	Attempts    int       // made so far
}

// Channel is how somebody is told. Its value is its wire name.
type Channel string

// The channels.
const (
	NoChannel         Channel = "aucun" // said in the answer, so that the caller tells them
	MailChannel       Channel = "courriel"
	SMSChannel        Channel = "sms"
	PrescriberChannel Channel = "prescripteur" // the prescriber tells the person
	SourceChannel     Channel = "source"       // the agenda's own software tells them
)

// NoticeState is how far a message got. Its value is its wire name.
type NoticeState string

// The states of a message.
const (
	NoticeDue       NoticeState = "en_attente"
	NoticeSent      NoticeState = "envoye"
	NoticeUntold    NoticeState = "sans_canal"
	NoticeEntrusted NoticeState = "confie" // somebody else passes it on
	NoticeFailed    NoticeState = "echec"  // given up: the address refuses it, or a day of attempts was in vain
	NoticeDropped   NoticeState = "sans_objet"
)
