package icalendar

// budget bounds the work of expansion. A step is a period or a candidate that is looked at.
type budget struct {
	left      int // for the whole text
	perSeries int
	series    int // left for the series at hand
}

// begin starts a series.
func (b *budget) begin() { b.series = max(0, min(b.perSeries, b.left)) }

// spendOutside spends one step outside of any series.
func (b *budget) spendOutside() bool {
	b.left--
	return b.left >= 0
}

// spend reports whether n more steps may be done.
func (b *budget) spend(n int) bool {
	if n > b.series {
		return false
	}
	b.series -= n
	b.left -= n
	return true
}
