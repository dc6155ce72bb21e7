module passerelle/internal/bench/calendar

go 1.26.6

require (
	github.com/emersion/go-ical v0.0.0-20250609112844-439c63cef608
	passerelle v0.0.0-00010101000000-000000000000
)

require github.com/teambition/rrule-go v1.8.2 // indirect

replace passerelle => ../../..
