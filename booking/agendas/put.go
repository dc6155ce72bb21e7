package agendas

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/booking/hours"
	"passerelle/connectors"
)

// Put checks a connection, opens it without any network, keeps it, and says under which agenda. A diary that is an
// agenda already (the same connector, canonical address and, where that is not enough, account) stays that one: it gains the
// places, links and motifs. A pause goes on: only Pause ends it.
func (s *Set) Put(ctx context.Context, c booking.Connection) (agenda string, err error) {
	err = s.settle(ctx, func(known *known) error {
		c.Paused = c.Paused || known.all[c.Agenda].Paused
		kept, err := s.keep(ctx, c, known)
		agenda = kept.Agenda
		return err
	})
	return agenda, err
}

// Change changes an agenda as it stands, and says under which agenda it is kept, as Put does. change may be called again when
// somebody else was first; its error ends it.
func (s *Set) Change(ctx context.Context, agenda string, change func(*booking.Connection) error) (kept string, err error) {
	err = s.settle(ctx, func(known *known) error {
		c, ok := known.all[agenda]
		if !ok {
			return &booking.Error{Kind: connectors.NotFound, Code: "agenda_inconnu", Detail: "Cet agenda n'existe pas."}
		}
		c = c.Clone() // what it alters is not served before it is kept, nor is it another agenda's
		if err := change(&c); err != nil {
			return err
		}
		c, err := s.keep(ctx, c, known)
		kept = c.Agenda
		return err
	})
	return kept, err
}

// tries is how often a change is made on what another process has just changed.
const tries = 10

// settle makes a change of what is kept now, and has it served. Who changes it in this process waits; another process is seen by
// the version that it has left.
func (s *Set) settle(ctx context.Context, change func(known *known) error) error {
	s.put.Lock()
	defer s.put.Unlock()
	for n := 1; ; n++ {
		if err := s.Reload(ctx); err != nil {
			return err
		}
		err := change(s.known())
		if n < tries && connectors.KindOf(err) == connectors.Changed {
			continue
		}
		if err != nil {
			return err
		}
		return s.Reload(ctx)
	}
}

// Same finds the agenda that a diary is already, whatever it is called; false where there is none.
func (s *Set) Same(c connectors.Connection) (*booking.Agenda, bool) {
	id := s.identity(c)
	for _, a := range s.All() {
		if id != "" && s.identity(a.Connection.Connection) == id {
			return a, true
		}
	}
	return nil, false
}

// Seed puts the connections of a configuration file. One that an operator has changed since stays as it is.
func (s *Set) Seed(ctx context.Context, list []booking.Connection) error {
	if len(list) == 0 {
		return nil
	}
	return s.settle(ctx, func(known *known) error {
		for _, c := range list {
			c.Origin = booking.FromFile
			if have, ok := known.all[c.Agenda]; ok && have.Origin != booking.FromFile {
				continue
			}
			kept, err := s.keep(ctx, c, known)
			if err != nil {
				return fmt.Errorf("agendas: %s: %w", c.Agenda, err)
			}
			known.put(kept)
		}
		return nil
	})
}

// Pause stops, or starts again, the bookings of an agenda.
func (s *Set) Pause(ctx context.Context, agenda string, paused bool) error {
	_, err := s.Change(ctx, agenda, func(c *booking.Connection) error {
		c.Paused, c.Origin = paused, booking.FromOperator
		return nil
	})
	return err
}

// keep checks a connection against those that are known and keeps it; what is kept is another's when it is the same
// diary.
func (s *Set) keep(ctx context.Context, c booking.Connection, known *known) (booking.Connection, error) {
	c = complete(c)
	if err := s.check(c); err != nil {
		return c, err
	}
	for _, id := range known.diaries(c) {
		joined, err := s.join(known.all[id], c)
		if err != nil {
			return c, err
		}
		c = joined
	}
	if err := known.apart(c); err != nil {
		return c, err
	}
	have, ok := known.all[c.Agenda]
	if ok && same(have, c) {
		return c, nil
	}
	c.Version = have.Version
	err := s.Store.PutConnection(ctx, c, s.identity(c.Connection))
	c.Version++
	return c, err
}

// complete fills in what a declaration leaves out.
func complete(c booking.Connection) booking.Connection {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	c.Motifs = slices.Clone(c.Motifs)
	if len(c.Motifs) == 0 {
		c.Motifs = []booking.Motif{{}}
	}
	for i := range c.Motifs {
		c.Motifs[i] = c.Motifs[i].Complete()
	}
	return c
}

// join gives an agenda the places, links, motifs and other diaries of another declaration of the same diary. What the
// two say differently is refused: nobody could tell which of them holds.
func (s *Set) join(have, more booking.Connection) (booking.Connection, error) {
	differ := func(field string) error {
		return booking.InvalidField(field, "cet agenda est déjà raccordé sous l'id « "+have.Agenda+" », qui dit autre chose")
	}
	switch {
	case more.Hours != have.Hours:
		return have, differ("horaires")
	case more.Notice != have.Notice:
		return have, differ("avis")
	case (more.Tells == booking.SourceTells) != (have.Tells == booking.SourceTells):
		return have, differ("previent")
	case more.NamesPerson != have.NamesPerson:
		return have, differ("nomme_usager")
	case zoneName(more.Connection) != zoneName(have.Connection):
		return have, differ("fuseau")
	case compact(more.Settings) != compact(have.Settings):
		return have, differ("parametres")
	}
	out := have
	out.Places = union(have.Places, more.Places)
	out.Links = union(have.Links, more.Links)
	out.Motifs = slices.Clone(have.Motifs)
	for _, m := range more.Motifs {
		switch mine, ok := have.Motif(m.ID); {
		case !ok:
			out.Motifs = append(out.Motifs, m)
		case !reflect.DeepEqual(mine, m):
			return have, differ("motifs." + m.ID)
		}
	}
	out.Beside = slices.Clone(have.Beside)
	for _, b := range more.Beside {
		if !slices.ContainsFunc(out.Beside, func(mine connectors.Connection) bool { return s.identity(mine) == s.identity(b) }) {
			out.Beside = append(out.Beside, b)
		}
	}
	return out, nil
}

func compact(settings json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, settings) != nil {
		return string(settings)
	}
	return b.String()
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

var agendaID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// check refuses what would fail later, and names the key.
func (s *Set) check(c booking.Connection) error {
	if !agendaID.MatchString(c.Agenda) {
		return booking.InvalidField("id", "des lettres, chiffres, points, tirets (64 au plus) sont attendus")
	}
	if _, err := s.open(c); err != nil {
		return err
	}
	if c.Hours != "" {
		if h := hours.Parse(c.Hours); h.Understood() != hours.All {
			return booking.InvalidField("horaires", h.Reason())
		}
	}
	if _, ok := booking.ParseEmail(c.Notice); !ok && c.Notice != "" {
		return booking.InvalidField("avis", "n'est pas une adresse de courriel")
	}
	seen := make(map[string]bool)
	for _, m := range c.Motifs {
		if seen[m.ID] {
			return booking.InvalidField("motifs", "le motif « "+m.ID+" » est donné deux fois")
		}
		seen[m.ID] = true
		if err := checkMotif(m); err != nil {
			return err
		}
	}
	return nil
}

func checkMotif(m booking.Motif) error {
	name := func(field string) string { return "motifs." + m.ID + "." + field }
	modalities := []booking.Modality{booking.OnSite, booking.ByPhone, booking.ByVideo, booking.AtHome}
	switch {
	case !agendaID.MatchString(m.ID):
		return booking.InvalidField("motifs.id", "des lettres, chiffres, points, tirets (64 au plus) sont attendus")
	case m.Duration.Minutes() < 5 || m.Duration.Hours() > 12:
		return booking.InvalidField(name("duree_min"), "de 5 minutes à 12 heures")
	case m.Step.Minutes() < 5:
		return booking.InvalidField(name("pas_min"), "5 minutes au moins")
	case m.Buffer < 0 || m.Buffer.Hours() > 12:
		return booking.InvalidField(name("battement_min"), "de 0 à 12 heures")
	case m.HorizonDays > 366:
		return booking.InvalidField(name("horizon_j"), "366 jours au plus")
	case !slices.Contains(modalities, m.Modality):
		return booking.InvalidField(name("modalite"), "n'existe pas", "sur_place", "telephone", "visio", "domicile")
	case m.Validation != booking.Automatic && m.Validation != booking.ByStructure:
		return booking.InvalidField(name("validation"), "n'existe pas", "automatique", "structure")
	}
	return nil
}

// identity names a diary whatever it is called here: a digest, because the address of a feed is a secret. Agendas
// that are kept here have none.
func (s *Set) identity(c connectors.Connection) string {
	if c.Address == "" {
		return ""
	}
	address := strings.TrimSpace(c.Address)
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
		if port := u.Port(); port != "" && port != "443" && port != "80" {
			host += ":" + port
		}
		u.Scheme, u.Host, u.Fragment, u.RawPath = "https", host, "", "" // without RawPath, %61 and a are the same
		address = strings.TrimSuffix(u.String(), "/")
	}
	name := c.Connector + "\x00" + address
	if connector, ok := s.Registry.Lookup(c.Connector); ok && connector.Diary != nil {
		name += "\x00" + connector.Diary(c)
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// same reports whether two connections say the same, whatever their version.
func same(a, b booking.Connection) bool {
	a.Version, b.Version = 0, 0
	return bytes.Equal(fingerprint(a), fingerprint(b))
}

func fingerprint(c booking.Connection) []byte {
	zones := []string{zoneName(c.Connection)}
	for _, b := range c.Beside {
		zones = append(zones, zoneName(b))
	}
	text, err := json.Marshal(struct {
		booking.Connection
		Zones []string
	}{c, zones})
	if err != nil { // settings that are no JSON: check has refused them, or will
		return nil
	}
	return text
}

func zoneName(c connectors.Connection) string {
	if c.Zone == nil {
		return ""
	}
	return c.Zone.String()
}
