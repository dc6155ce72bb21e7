package hours

import "time"

// day is a day of the proleptic Gregorian calendar: its number since 1970-01-01.
type day int

const secondsPerDay = 24 * 60 * 60

func dayOf(year int, month time.Month, dom int) day {
	return day(floorDiv(time.Date(year, month, dom, 0, 0, 0, 0, time.UTC).Unix(), secondsPerDay))
}

func (d day) midnight() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

func (d day) date() (int, time.Month, int) { return d.midnight().Date() }

// weekday: 1970-01-01 was a Thursday.
func (d day) weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// daysIn is the length of a month; February has 29 days where no year is given (zero).
func daysIn(year int, month time.Month) int {
	if year == 0 {
		year = 2000
	}
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// The years for which Easter, and so everything else here, is computed.
const (
	firstYear = 1583
	lastYear  = 4099
)

// easter is Easter Sunday of the Gregorian calendar, after the rules of the bull Inter gravissimas (1582): the Sunday
// that follows the Paschal full moon.
func easter(year int) day {
	century := year / 100
	skippedLeapDays := century - century/4
	moonCorrection := (8*century + 13) / 25
	moon := (19*(year%19) + 15 + skippedLeapDays - moonCorrection) % 30 // days from 21 March to the full moon
	if moon == 29 || moon == 28 && year%19 > 10 {
		moon-- // two full moons of a cycle of 19 years never share a date, and none is after 18 April
	}
	fullMoon := dayOf(year, time.March, 21+moon)
	return fullMoon + day(7-int(fullMoon.weekday()))
}
