package icalendar

// The proleptic Gregorian calendar on plain integers. A day is counted from 1970-01-01; a wall time is the seconds
// that a clock on the wall shows since then, as if it had never been changed.

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// dayOf counts the days from 1970-01-01 to a date. Months and days out of their range are not corrected.
func dayOf(year, month, dom int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + dom - 1 // from 1 March
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// dateOf is the date of a day: month 1 to 12, day of the month from 1.
func dateOf(d int64) (year, month, dom int64) {
	d += 719468
	era := floorDiv(d, 146097)
	dayOfEra := d - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	dom = dayOfYear - (153*m+2)/5 + 1
	year = era*400 + yearOfEra
	if m < 10 {
		return year, m + 3, dom
	}
	return year + 1, m - 9, dom
}

func isLeap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysInYear(year int64) int64 {
	if isLeap(year) {
		return 366
	}
	return 365
}

func daysInMonth(year, month int64) int64 {
	if month == 2 {
		return daysInYear(year) - 337
	}
	return 30 + (month+month/8)%2
}

// weekday of a day: 0 is Sunday.
func weekday(d int64) int64 { return floorMod(d+4, 7) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
