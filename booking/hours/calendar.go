package hours

import "time"

// Calendar is what a schedule needs to know of its place. The zero Calendar is the careful one.
type Calendar struct {
	// Territory whose public holidays hold: a code_insee or a département; see Holidays.
	Territory string

	// HolidaysAsUsual follows OSM's letter: a value that does not mention PH holds on public holidays too. Without
	// it the place is closed on them, as French public places almost surely are: a slot shown free that is not
	// costs a journey.
	HolidaysAsUsual bool

	// School tells whether a local day is a school holiday, and whether that is known. Nil knows nothing: what
	// depends on SH is then unknown.
	School func(year int, month time.Month, day int) (holiday, known bool)
}

// answer is how sure something is; a conjunction is the min of its parts, a disjunction their max.
type answer uint8

const (
	no answer = iota
	perhaps
	yes
)

// almanac answers for the days of one calendar. It remembers the holidays of the last year that it was asked about.
type almanac struct {
	calendar   Calendar
	department string
	year       int
	holidays   [len(feasts)]struct {
		day  day
		kept answer
	}
	count int
}

func newAlmanac(c Calendar) almanac {
	return almanac{calendar: c, department: departmentOf(c.Territory)}
}

// public tells whether d is a public holiday.
func (a *almanac) public(d day) answer {
	if year, _, _ := d.date(); year != a.year {
		a.turnTo(year)
	}
	found := no
	for _, h := range a.holidays[:a.count] {
		if h.day == d {
			found = max(found, h.kept) // Ascension may fall on 1 or 8 May
		}
	}
	return found
}

func (a *almanac) turnTo(year int) {
	a.year, a.count = year, 0
	for _, f := range feasts {
		if kept := f.keptIn(a.department); kept != no {
			a.holidays[a.count].day, a.holidays[a.count].kept = f.in(year), kept
			a.count++
		}
	}
}

// school tells whether d is a school holiday.
func (a *almanac) school(d day) answer {
	if a.calendar.School == nil {
		return perhaps
	}
	switch holiday, known := a.calendar.School(d.date()); {
	case !known:
		return perhaps
	case holiday:
		return yes
	}
	return no
}
