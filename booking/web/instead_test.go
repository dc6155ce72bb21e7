package web

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// late makes what can be booked in an agenda begin so many days from now.
func (c *counter) late(agenda string, days int) {
	c.t.Helper()
	_, err := c.set().Change(c.t.Context(), agenda, func(x *booking.Connection) error {
		x.Motifs = slices.Clone(x.Motifs) // those that serve do not change
		x.Motifs[0].Notice, x.Motifs[0].HorizonDays = time.Duration(days)*24*time.Hour, days+3
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

var (
	tag    = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// read opens a page as it is read: without what it is written in.
func read(b *browser, path string) seen {
	page := b.get(path)
	page.body = blanks.ReplaceAllString(tag.ReplaceAllString(page.body, ""), " ")
	return page
}

// A week without slots says what there is instead, each thing once.
func TestAnEmptyWeekLeadsOn(t *testing.T) {
	c := newCounter(t)
	b := c.browser()
	c.late("guichet", 20) // of lieu-1; lieu-4 stands at the same address and is free at once
	first := read(b, "/lieux/lieu-1")
	for _, said := range []string{"Aucun créneau libre cette semaine. Prochain créneau : ", "Téléphonez au 04 65 71 00 01"} {
		c.want("a place that is free in three weeks", first, 200, said)
	}
	if strings.Contains(first.body, "Le plus proche qui en a") {
		t.Error("a place whose agenda was never read is free")
	}
	read(b, "/lieux/lieu-4")
	first = read(b, "/lieux/lieu-1")
	c.want("another was read", first, 200, "Le plus proche qui en a : Lieu (Crest, à 0,0 km)")
	if !strings.Contains(first.raw, `href="/lieux/lieu-4"`) || strings.Contains(first.body, "Téléphone du lieu") {
		t.Errorf("it does not lead there, or says twice to call:\n%s", first.body)
	}
	_, after, _ := strings.Cut(first.raw, `Prochain créneau : <a href="`)
	path, after, _ := strings.Cut(after, "#")
	_, after, _ = strings.Cut(after, ">")
	day, _, _ := strings.Cut(after, " à ")
	zone := c.service.Directory.Places("lieu-1")[0].Zone
	if in := time.Now().AddDate(0, 0, 20); day != booking.DayInWords(in, zone) && day != booking.DayInWords(in.AddDate(0, 0, 1), zone) {
		t.Errorf("in twenty days, or the morning after: %q", day)
	}
	c.want("the week it leads to", read(b, strings.ReplaceAll(path, "&amp;", "&")), 200, "Semaine du "+day)

	c.late("guichet", 10)
	c.want("free in the week after", read(b, "/lieux/lieu-1"), 200, "Téléphone du lieu : 04 65 71 00 01")
	if got := read(b, "/lieux/lieu-1"); strings.Contains(got.body, "Téléphonez au") {
		t.Error("a place where one can book says to call it")
	}
	if got := read(b, "/lieux/lieu-1?semaine="+time.Now().AddDate(0, 0, 11).Format(time.DateOnly)); strings.Contains(got.body, "Prochain créneau") {
		t.Error("a week with slots says what comes after")
	}
}

// Who moves an appointment stays at its place.
func TestAMoveLeadsNowhereElse(t *testing.T) {
	c := newCounter(t)
	x := c.aidant()
	path := x.taken(0)
	read(x, "/lieux/lieu-4")
	c.late("guichet", 20)
	got := read(x, "/lieux/lieu-1?deplacer="+strings.TrimPrefix(path, "/mes-rendez-vous/"))
	c.want("a move", got, 200, "Aucun créneau libre cette semaine. Prochain créneau")
	if strings.Contains(got.body, "Le plus proche qui en a") {
		t.Error("it leads to another place")
	}
}

// A search says of each place when it is free later, and where to go if none is.
func TestASearchWithoutSlotsLeadsOn(t *testing.T) {
	c := newCounter(t)
	b := c.browser()
	const crest = "/?lat=44.7286&lon=5.0222"
	if got := read(b, crest); strings.Contains(got.body, "Prochain créneau :") || strings.Contains(got.body, "Le lieu le plus proche") {
		t.Errorf("where places are free:\n%s", got.body)
	}
	c.late("guichet", 20)
	c.late("amont", 30)
	got := read(b, crest)
	c.want("all are free later", got, 200, "Prochain créneau :")
	if strings.Count(got.body, "Prochain créneau :") != 2 || strings.Contains(got.body, "Le lieu le plus proche") {
		t.Errorf("two places are free later, and nobody sooner:\n%s", got.body)
	}
	c.late("amont", 0)
	read(b, crest)
	const besides = "/?lat=45.0286&lon=5.0222&rayon=15" // 33 km north: nobody is there
	c.want("beside them", read(b, besides), 200, "Le lieu le plus proche où réserver : Lieu (Crest, à 33 km)")
}

// silent is an agenda that does not answer.
type silent struct{}

func (silent) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unavailable}
}

// A week that nobody knows is not said to have no slots.
func TestAWeekThatIsNotKnownIsNotEmpty(t *testing.T) {
	c := newCounter(t)
	a, _ := c.service.Agendas.ByID("amont")
	a.Diary = silent{}
	got := read(c.browser(), "/lieux/lieu-4")
	c.want("a place whose agenda fails", got, 200, "ses créneaux ne sont pas connus")
	if strings.Contains(got.body, "Aucun créneau") || strings.Contains(got.body, "Prochain créneau") {
		t.Errorf("it is said to have none:\n%s", got.body)
	}
}
