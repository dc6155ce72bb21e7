package hours

import (
	"strings"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

// show writes intervals as local weekdays and times: "Mo 09:00-12:00 Tu 22:00-02:00".
func show(spans []interval.Interval, z *time.Location) string {
	names := []string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"}
	var parts []string
	for _, i := range spans {
		start, end := i.StartTime().In(z), i.EndTime().In(z)
		to := end.Format("15:04")
		if days := localDay(i.End, z) - localDay(i.Start, z); days > 1 || days == 1 && to != "00:00" && to > start.Format("15:04") {
			to = names[end.Weekday()] + " " + to
		}
		parts = append(parts, names[start.Weekday()]+" "+start.Format("15:04")+"-"+to)
	}
	return strings.Join(parts, " ")
}

// In the week of Monday 5 January 2026 (ISO week 2), which has no public holiday.
func TestAWeek(t *testing.T) {
	z := paris(t)
	week := window(z, "2026-01-05", "2026-01-12")
	for _, c := range []struct{ name, value, open, unknown string }{
		{"days and times", "Mo,We-Th 09:00-12:00,14:00-18:30", "Mo 09:00-12:00 Mo 14:00-18:30 We 09:00-12:00 We 14:00-18:30 Th 09:00-12:00 Th 14:00-18:30", ""},
		{"days over Sunday", "Sa-Mo 10:00-11:00", "Mo 10:00-11:00 Sa 10:00-11:00 Su 10:00-11:00", ""},
		{"a later rule replaces the whole day", "Mo-We 09:00-12:00,14:00-17:00; Tu 10:00-11:00", "Mo 09:00-12:00 Mo 14:00-17:00 Tu 10:00-11:00 We 09:00-12:00 We 14:00-17:00", ""},
		{"a comma adds", "Mo-Tu 09:00-12:00, Tu 18:00-20:00", "Mo 09:00-12:00 Tu 09:00-12:00 Tu 18:00-20:00", ""},
		{"off closes the day", "Mo-We 09:00-12:00; Tu off", "Mo 09:00-12:00 We 09:00-12:00", ""},
		{"closed is off", "Mo-We 09:00-12:00; Tu closed", "Mo 09:00-12:00 We 09:00-12:00", ""},
		{"off at a time closes that time only", "Mo 09:00-17:00; Mo 12:00-14:00 off", "Mo 09:00-12:00 Mo 14:00-17:00", ""},
		{"off without a day closes every day", "Mo-Tu 09:00-17:00; 12:00-14:00 off", "Mo 09:00-12:00 Mo 14:00-17:00 Tu 09:00-12:00 Tu 14:00-17:00", ""},
		{"unknown replaces open", "Mo-Tu 09:00-12:00; Tu 10:00-11:00 unknown", "Mo 09:00-12:00", "Tu 10:00-11:00"},
		{"a comment depends on something", `Mo 09:00-12:00; Tu 09:00-12:00 "sur rendez-vous"`, "Mo 09:00-12:00", "Tu 09:00-12:00"},
		{"a comment before the days, too", `"sur rendez-vous" Tu 09:00-12:00`, "", "Tu 09:00-12:00"},
		{"a comment alone says nothing of when", `"sur rendez-vous"`, "", "Mo 00:00-Mo 00:00"},
		{"a comment beside open only explains", `Mo 09:00-12:00 open "sonnez"`, "Mo 09:00-12:00", ""},
		{"a fallback speaks where the rest says closed", `Mo 09:00-12:00 || Mo 08:00-13:00 "sur rendez-vous"`, "Mo 09:00-12:00", "Mo 08:00-09:00 Mo 12:00-13:00"},
		{"a comma after a fallback belongs to it", "Mo 09:00-12:00 unknown || Tu 09:00-10:00, Mo 09:00-13:00", "Mo 12:00-13:00 Tu 09:00-10:00", "Mo 09:00-12:00"},
		{"always", "24/7; Tu off", "Mo 00:00-00:00 We 00:00-Mo 00:00", ""},
		{"over midnight", "Tu 22:00-02:00", "Tu 22:00-02:00", ""},
		{"over midnight, from before the window", "Su 22:00-02:00", "Mo 00:00-02:00 Su 22:00-00:00", ""},
		{"more than 24 hours", "Tu 22:00-26:00", "Tu 22:00-02:00", ""},
		{"a rule for the next day takes the night", "Mo 22:00-02:00; Tu 10:00-12:00", "Mo 22:00-00:00 Tu 10:00-12:00", ""},
		{"a night whose evening is taken away is unknown", "Mo-Tu 22:00-02:00; Mo off", "Tu 22:00-02:00", "Tu 00:00-02:00"},
		{"the night of a fallback is unknown where others are open", "We 01:00-03:00 || Tu 22:00-02:00 off", "We 02:00-03:00", "We 01:00-02:00"},
		{"the night of a fallback where all is closed", "We 03:00-04:00 || Tu 22:00-02:00", "Tu 22:00-02:00 We 03:00-04:00", ""},
		{"to midnight", "Tu 18:00-24:00; We 18:00-00:00", "Tu 18:00-00:00 We 18:00-00:00", ""},
		{"an open end", "Tu 09:00+", "", "Tu 09:00-00:00"},
		{"an open end after an end", "Tu 09:00-12:00+", "Tu 09:00-12:00", "Tu 12:00-00:00"},
		{"an open end of an evening", "Tu 20:00+", "", "Tu 20:00-06:00"},
		{"an open end of a night", "Tu 20:00-26:00+", "Tu 20:00-02:00", "We 02:00-08:00"},
		{"an open end after two days", "Tu 20:00-48:00+", "Tu 20:00-Th 00:00", ""},
		{"the sun is not computed", "Tu sunrise-12:00; We 14:00-(sunset-01:00)", "", "Tu 00:00-12:00 We 14:00-00:00"},
		{"the first and the last of the month", "Mo[1] 09:00-10:00; Tu[-1] 09:00-10:00; We[1,2] 09:00-10:00; Th[2-3] 09:00-10:00", "Mo 09:00-10:00 We 09:00-10:00 Th 09:00-10:00", ""},
		{"days after the first of the month", "Tu[1] +2 days 09:00-10:00", "Th 09:00-10:00", ""},
		{"every other week", "week 1-53/2 Mo 09:00-10:00; week 2-52/2 Tu 09:00-10:00", "Tu 09:00-10:00", ""},
		{"weeks over the new year", "week 52-2 Mo 09:00-10:00; week 3-51 Tu 09:00-10:00", "Mo 09:00-10:00", ""},
		{"all daily hours are replaced by later daily ones", "09:00-12:00; 14:00-15:00; Tu-Su off", "Mo 14:00-15:00", ""},
		{"school holidays without a table", "Mo-Tu 09:00-12:00; SH Tu 10:00-13:00", "Mo 09:00-12:00 Tu 10:00-12:00", "Tu 09:00-10:00 Tu 12:00-13:00"},
		{"sloppy spaces and dashes", " mo–tu :  9:00 – 12:00 ; ; we 9.30-10.15 , ;", "Mo 09:00-12:00 Tu 09:00-12:00 We 09:30-10:15", ""},
		{"hours without minutes", "Mo 9-12,14-17:30", "Mo 09:00-12:00 Mo 14:00-17:30", ""},
		{"touching and overlapping times are one", "Mo 09:00-12:00,11:00-13:00,13:00-14:00", "Mo 09:00-14:00", ""},

		{"French days and hours", "Lu-Ve 9h-12h; Sa 9h30-12h", "Mo 09:00-12:00 Tu 09:00-12:00 We 09:00-12:00 Th 09:00-12:00 Fr 09:00-12:00 Sa 09:30-12:00", ""},
		{"a French sentence", "Du lundi au mardi de 9h à 12h 30 et de 14 h - 17h00.", "Mo 09:00-12:30 Mo 14:00-17:00 Tu 09:00-12:30 Tu 14:00-17:00", ""},
		{"French sentences without a separator", "Lundi, mercredi et jeudi : 9h-12h / 14h-17h30Vendredi : 9h-12h", "Mo 09:00-12:00 Mo 14:00-17:30 We 09:00-12:00 We 14:00-17:30 Th 09:00-12:00 Th 14:00-17:30 Fr 09:00-12:00", ""},
		{"a French sentence may replace or add", "Du lundi au mardi 9h-12h et le mardi 11h-15h", "Mo 09:00-12:00 Tu 11:00-15:00", "Tu 09:00-11:00"},
		{"a French sentence that closes", "Lun.-Mer. 9h-12h. Fermé le mardi", "Mo 09:00-12:00 We 09:00-12:00", ""},
		{"a closed day before an open one", "lundi fermé mardi 9h-12h", "Tu 09:00-12:00", ""},
		{"accents may be combining", "ferme\u0301 le mardi; Mo 09:00-10:00", "Mo 09:00-10:00", ""},
		{"a decomposed, capital month", "DÉCEMBRE Mo 09:00-10:00; janvier Tu 9h-10h", "Tu 09:00-10:00", ""},
	} {
		s := Parse(c.value)
		open, unknown := s.Open(week, z, Calendar{Territory: "13055"})
		if got := show(open, z); got != c.open {
			t.Errorf("%s: %q\n open    %s\n want    %s", c.name, c.value, got, c.open)
		}
		if got := show(unknown, z); got != c.unknown {
			t.Errorf("%s: %q\n unknown %s\n want    %s", c.name, c.value, got, c.unknown)
		}
		if s.Understood() != All || s.Reason() != "" {
			t.Errorf("%s: %q is read %q: %s", c.name, c.value, s.Understood(), s.Reason())
		}
	}
}

func TestWhatIsNotUnderstoodIsNeverOpen(t *testing.T) {
	z := paris(t)
	week := window(z, "2026-01-05", "2026-01-12")
	const always = "Mo 00:00-Mo 00:00"
	for _, c := range []struct {
		name, value   string
		understood    Understanding
		open, unknown string
		reason        string
	}{
		{"no text", " \t", Nothing, "", always, "aucun horaire"},
		{"separators only", " ;; ", Nothing, "", always, "aucun horaire"},
		{"free text", "nous consulter", Nothing, "", always, "nous consulter"},
		{"a point in time darkens its day", "Mo 09:00-12:00; Tu 08:30", Part, "Mo 09:00-12:00", "Tu 00:00-00:00", "Tu 08:30"},
		{"and the night after it", "Mo-Tu 22:00-02:00; Tu 08:30", Part, "Mo 22:00-00:00", "Tu 00:00-We 02:00", "Tu 08:30"},
		{"so do two dashes", "Mo-Tu 09:00-12:00; Tu 09:00-12:00-14:00", Part, "Mo 09:00-12:00", "Tu 00:00-00:00", "Tu 09:00-12:00-14:00"},
		{"and minutes over 59", "Mo-Tu 09:00-12:00; Tu 09:75-12:00", Part, "Mo 09:00-12:00", "Tu 00:00-00:00", "Tu 09:75-12:00"},
		{"and hours over 24", "Mo-Tu 09:00-12:00; Tu 30-19", Part, "Mo 09:00-12:00", "Tu 00:00-00:00", "Tu 30-19"},
		{"and a repetition", "Mo 09:00-12:00; Tu 10:00-16:00/01:30", Part, "Mo 09:00-12:00", "Tu 00:00-00:00", "01:30"},
		{"a day that a later rule makes certain", "Tu 08:30; Tu 10:00-11:00", Part, "Tu 10:00-11:00", "", "Tu 08:30"},
		{"days without times", "Mo 09:00-12:00; Tu", Part, "Mo 09:00-12:00", "Tu 00:00-00:00", "Tu"},
		{"words may concern any day", "Mo 09:00-12:00; Tu 09:00-12:00 sauf vacances", Nothing, "", always, "sauf vacances"},
		{"words in brackets too", "Mo-Fr 9h-12h (vendredi 11h)", Nothing, "", always, "(vendredi 11h)"},
		{"nothing but a wrong rule", "Mo 08:30", Nothing, "", always, "Mo 08:30"},
		{"French hours without a day", "de 9h à 12h", Nothing, "", always, "9h à 12h"},
		{"every day may or may not be Sunday", "tous les jours 9h-12h", Nothing, "", always, "tous les jours"},
		{"mardi or March", "lun 9h-12h; mar 9h-12h", Nothing, "", always, "mar 9h-12h"},
		{"24 hours from noon are a slip", "Mo 09:00-10:00; Tu 09:00-10:00,12:00-12:00", Part, "Mo 09:00-10:00 Tu 09:00-10:00", "Tu 00:00-09:00 Tu 10:00-We 12:00", "12:00-12:00"},
		{"so are 19", "Mo 17:00-12:00", Part, "", "Mo 00:00-Tu 12:00", "17:00-12:00"},
		{"days joined by dashes", "Mo-We-Fr 09:00-10:00", Part, "Mo 09:00-10:00 We 09:00-10:00 Fr 09:00-10:00", "Tu 09:00-10:00 Th 09:00-10:00", "Mo-We-Fr"},
		{"hours after days that name none", "Mo 09:00-12:00; We off; 14:00-15:00", Part, "Mo 09:00-12:00 Mo 14:00-15:00", "Tu 14:00-15:00 We 14:00-15:00 Th 14:00-15:00 Fr 14:00-15:00 Sa 14:00-15:00 Su 14:00-15:00", "ne nomme aucun jour"},
		{"a fourteenth month", "Foo 12 Mo 09:00-10:00", Nothing, "", always, "Foo 12"},
		{"31 June", "Jun 31 off; Mo 09:00-10:00", Nothing, "", always, "Jun 31"},
		{"a range of dates that ends before it begins", "2026 Dec 24-2026 Jan 02 off; Mo 09:00-10:00", Nothing, "", always, "2026 Dec 24"},
		{"a sixth Monday", "Mo[6] 09:00-10:00; Tu 09:00-10:00", Nothing, "", always, "Mo[6"},
		{"week 54", "week 54 Mo 09:00-10:00", Nothing, "", always, "week 54"},
		{"closed at a time, or closed but for it", "Mo-Tu 9h-12h; fermé le mardi 9h-10h", Part, "Mo 09:00-12:00", "Tu 00:00-00:00", "mardi 9h-10h"},
		{"a wrong time on a date may be another date", "Mo 09:00-12:00; Jan 5 6 10:00-11:00", Nothing, "", always, "Jan 5 6"},
		{"from a date of no year on", "Mo 09:00-12:00; Jan 3+ 10:00-11:00", Nothing, "", always, "Jan 3+"},
		{"days that a dash leaves open", "Mo-We 09:00-12:00; Mo- 10:00-11:00", Nothing, "", always, "Mo- 10"},
		{"an unfinished comment", `Mo 09:00-10:00; Tu 09:00-10:00"`, Part, "Mo 09:00-10:00", "Tu 00:00-00:00", `"`},
		{"too long", strings.Repeat("Mo 09:00-10:00; ", 1000), Nothing, "", always, "8 Ko"},
		{"too many rules", strings.Repeat("Mo 9-10;", 600), Nothing, "", always, "trop de règles"},
	} {
		s := Parse(c.value)
		open, unknown := s.Open(week, z, Calendar{Territory: "13055"})
		short := c.value[:min(len(c.value), 60)]
		if s.Understood() != c.understood {
			t.Errorf("%s: %q is read %q, want %q", c.name, short, s.Understood(), c.understood)
		}
		if !strings.Contains(s.Reason(), c.reason) || s.Reason() == "" {
			t.Errorf("%s: reason %q, want something about %q", c.name, s.Reason(), c.reason)
		}
		if got := show(open, z); got != c.open {
			t.Errorf("%s: %q\n open    %s\n want    %s", c.name, short, got, c.open)
		}
		if got := show(unknown, z); got != c.unknown {
			t.Errorf("%s: %q\n unknown %s\n want    %s", c.name, short, got, c.unknown)
		}
	}
}

// The days of 2026 and January 2027 that a value opens.
func TestDates(t *testing.T) {
	z := paris(t)
	for _, c := range []struct{ name, value, days string }{
		{"a date", "Jul 13 9-10", "2026-07-13"},
		{"dates of a month", "Jul 13,15-16 9-10", "2026-07-13 2026-07-15 2026-07-16"},
		{"a list of dates", "Feb 3,Jul 13: 09:00-10:00", "2026-02-03 2026-07-13"},
		{"over the new year", "Dec 30-Jan 02: 09:00-10:00", "2026-01-01 2026-01-02 2026-12-30 2026-12-31 2027-01-01 2027-01-02"},
		{"over one new year", "2026 Dec 30-2027 Jan 02 09:00-10:00", "2026-12-30 2026-12-31 2027-01-01 2027-01-02"},
		{"over one new year, named once", "2026 Dec 31-Jan 01 09:00-10:00", "2026-12-31 2027-01-01"},
		{"of one year", "2026 Jan 2 09:00-10:00", "2026-01-02"},
		{"of every other year", "2025-2031/2 Jan 2 09:00-10:00", "2027-01-02"},
		{"from a year on", "2027+ Jan 2 09:00-10:00", "2027-01-02"},
		{"from a date on", "2027 Jan 30+ 09:00-10:00", "2027-01-30 2027-01-31"},
		{"months and days", "Nov-Jan Mo[1] 09:00-10:00", "2026-01-05 2026-11-02 2026-12-07 2027-01-04"},
		{"the end of February", "Feb Sa[-1] 09:00-10:00", "2026-02-28"},
		{"29 February of a common year", "Feb 29 09:00-10:00", ""},
		{"to 29 February of a common year", "Feb 28-29 09:00-10:00", "2026-02-28"},
		{"Easter", "easter +1 day 09:00-10:00", "2026-04-06"},
		{"from Easter", "easter-Apr 07 09:00-10:00", "2026-04-05 2026-04-06 2026-04-07"},
		{"a week", "week 53 Th 09:00-10:00", "2026-12-31"},
		{"the Sunday of a week", "week 2 Su 09:00-10:00", "2026-01-11 2027-01-17"},
		{"public holidays in the week", "PH Mo-Fr 09:00-10:00", "2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-11-11 2026-12-25 2027-01-01"},
		{"the day before a holiday", "PH -1 day 09:00-10:00; Jan-Oct off", "2026-11-10 2026-12-24 2026-12-31"},
		{"a date that a weekday excludes", "2026 Jul 14 We 09:00-10:00", ""},
	} {
		s := Parse(c.value)
		open, unknown := s.Open(window(z, "2026-01-01", "2027-02-01"), z, Calendar{Territory: "13", HolidaysAsUsual: true})
		var days []string
		for _, i := range open {
			days = append(days, i.StartTime().In(z).Format(time.DateOnly))
		}
		if got := strings.Join(days, " "); got != c.days || len(unknown) > 0 || s.Understood() != All {
			t.Errorf("%s: %q (%s %s)\n open %s\n want %s", c.name, c.value, s.Understood(), s.Reason(), got, c.days)
		}
	}
}
