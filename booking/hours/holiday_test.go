package hours

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestEaster(t *testing.T) {
	for year, want := range map[int]string{
		1583: "04-10", 1818: "03-22", 1943: "04-25", 1954: "04-18", 1961: "04-02", 1981: "04-19", 2000: "04-23", 2008: "03-23",
		2024: "03-31", 2025: "04-20", 2026: "04-05", 2027: "03-28", 2038: "04-25", 2049: "04-18", 2076: "04-19", 2285: "03-22",
	} {
		if got := easter(year).midnight().Format("01-02"); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
	for year := firstYear; year <= lastYear; year++ {
		if got, want := easter(year), oudin(year); got != want {
			t.Fatalf("%d: %v, want %v", year, got.midnight(), want.midnight())
		}
	}
}

// oudin is the algorithm of Oudin (1940): another way to the same Sunday.
func oudin(year int) day {
	c := year / 100
	n := year % 19
	i := (c - c/4 - (c-(c-17)/25)/3 + 19*n + 15) % 30
	i -= (i / 28) * (1 - (i/28)*(29/(i+1))*((21-n)/11))
	j := (year + year/4 + i + 2 - c + c/4) % 7
	l := i - j
	month := 3 + (l+40)/44
	return dayOf(year, time.Month(month), l+28-31*(month/4))
}

func TestHolidaysOfATerritory(t *testing.T) {
	const everywhere = "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"
	for _, c := range []struct{ territory, more, uncertain string }{
		{"13055", "", ""},
		{"2A", "", ""},
		{"2B033", "", ""},
		{"67482", "12-26", "04-03"},
		{"68", "12-26", "04-03"},
		{"57463", "12-26", "04-03"},
		{"97105", "05-27", "04-03"},
		{"972", "05-22", "04-03"},
		{"97302", "06-10", ""},
		{"97411", "12-20", ""},
		{"976", "04-27", ""},
		{"975", "", ""},
		{"97701", "10-09", ""},
		{"97801", "05-28", "05-27"},
		{"98818", "", "09-24"},
		{"986", "", "04-28 07-29"},
		{"98735", "", "03-05 04-03 06-29 11-20"},
		{"", "", "03-05 04-03 04-27 04-28 05-22 05-27 05-28 06-10 06-29 07-29 09-24 10-09 11-20 12-20 12-26"},
		{"Bouches-du-Rhône", "", "03-05 04-03 04-27 04-28 05-22 05-27 05-28 06-10 06-29 07-29 09-24 10-09 11-20 12-20 12-26"},
	} {
		var sureDays, uncertain []string
		before := ""
		for _, h := range Holidays(c.territory, 2026) {
			d := fmt.Sprintf("%02d-%02d", h.Month, h.Day)
			if d < before || h.Name == "" {
				t.Errorf("%s: %s %q is out of order or has no name", c.territory, d, h.Name)
			}
			before = d
			switch {
			case h.Uncertain:
				uncertain = append(uncertain, d)
			case !strings.Contains(everywhere, d):
				sureDays = append(sureDays, d)
			}
		}
		if got := strings.Join(sureDays, " "); got != c.more {
			t.Errorf("%q: more holidays %q, want %q", c.territory, got, c.more)
		}
		if got := strings.Join(uncertain, " "); got != c.uncertain {
			t.Errorf("%q: uncertain %q, want %q", c.territory, got, c.uncertain)
		}
		if n := len(Holidays(c.territory, 2026)); n != 11+len(sureDays)+len(uncertain) {
			t.Errorf("%q: %d holidays: some of the eleven are missing", c.territory, n)
		}
	}
	if got := Holidays("13", 1582); got != nil {
		t.Errorf("1582: %v", got)
	}
}

// In the week of Monday 13 July 2026; Tuesday is the national holiday.
func TestPublicHolidays(t *testing.T) {
	z := paris(t)
	for _, c := range []struct {
		name, value   string
		calendar      Calendar
		from, to      string
		open, unknown string
	}{
		{"silent: closed", "Mo-We 09:00-12:00", Calendar{Territory: "13"}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 We 09:00-12:00", ""},
		{"silent, by OSM's letter: as usual", "Mo-We 09:00-12:00", Calendar{Territory: "13", HolidaysAsUsual: true}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 Tu 09:00-12:00 We 09:00-12:00", ""},
		{"always, silent: closed", "24/7", Calendar{Territory: "13"}, "2026-07-13", "2026-07-16", "Mo 00:00-00:00 We 00:00-00:00", ""},
		{"off", "Mo-We 09:00-12:00; PH off", Calendar{HolidaysAsUsual: true}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 We 09:00-12:00", ""},
		{"off in French", "Lu-Me 9h-12h, fermé les jours fériés", Calendar{HolidaysAsUsual: true}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 We 09:00-12:00", ""},
		{"with hours of their own", "Mo-We 09:00-12:00; PH 10:00-11:00", Calendar{}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 Tu 10:00-11:00 We 09:00-12:00", ""},
		{"with those of a weekday", "Mo,PH 09:00-12:00", Calendar{}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 Tu 09:00-12:00", ""},
		{"off before hours that name no day", "PH off; 09:00-12:00", Calendar{}, "2026-07-13", "2026-07-16", "Mo 09:00-12:00 We 09:00-12:00", "Tu 09:00-12:00"},
		{"a comment on them", `Mo-We 09:00-12:00; PH "sur rendez-vous"`, Calendar{}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 We 09:00-12:00", "Tu 00:00-00:00"},
		{"not understood", "Mo-We 09:00-12:00; PH 10:00", Calendar{}, "2026-07-13", "2026-07-20", "Mo 09:00-12:00 We 09:00-12:00", "Tu 00:00-00:00"},
		{"26 December in Alsace", "Fr-Sa 09:00-12:00", Calendar{Territory: "67482"}, "2026-12-21", "2026-12-28", "", ""},
		{"26 December elsewhere", "Fr-Sa 09:00-12:00", Calendar{Territory: "13055"}, "2026-12-21", "2026-12-28", "Sa 09:00-12:00", ""},
		{"26 December nobody knows where", "Fr-Sa 09:00-12:00", Calendar{}, "2026-12-21", "2026-12-28", "", "Sa 09:00-12:00"},
		{"surely a holiday, and perhaps another one", "Mo 09:00-12:00", Calendar{}, "2019-06-10", "2019-06-11", "", ""},
		{"Good Friday in Moselle", "Th-Fr 09:00-12:00", Calendar{Territory: "57463"}, "2026-03-30", "2026-04-05", "Th 09:00-12:00", "Fr 09:00-12:00"},
		{"a night into a holiday ends at midnight", "Mo-We 22:00-02:00", Calendar{Territory: "13"}, "2026-07-13", "2026-07-16", "Mo 22:00-00:00 We 22:00-00:00", "We 00:00-02:00"},
	} {
		open, unknown := Parse(c.value).Open(window(z, c.from, c.to), z, c.calendar)
		if got := show(open, z); got != c.open {
			t.Errorf("%s: %q\n open    %s\n want    %s", c.name, c.value, got, c.open)
		}
		if got := show(unknown, z); got != c.unknown {
			t.Errorf("%s: %q\n unknown %s\n want    %s", c.name, c.value, got, c.unknown)
		}
	}
}

func TestSchoolHolidaysOfATable(t *testing.T) {
	z := paris(t)
	table := func(year int, month time.Month, day int) (holiday, known bool) {
		return day == 6, day < 8 // the 6th is one, from the 8th on nothing is known
	}
	open, unknown := Parse("Mo-Fr 09:00-12:00; SH off").Open(window(z, "2026-01-05", "2026-01-12"), z, Calendar{Territory: "13", School: table})
	if got, want := show(open, z), "Mo 09:00-12:00 We 09:00-12:00"; got != want {
		t.Errorf("open %s, want %s", got, want)
	}
	if got, want := show(unknown, z), "Th 09:00-12:00 Fr 09:00-12:00"; got != want {
		t.Errorf("unknown %s, want %s", got, want)
	}
}
