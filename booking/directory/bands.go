package directory

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"passerelle/booking"
)

// bandsPerDegree: a band is 11 km high, so that few are met by the circles that people ask for and little of them is
// outside.
const bandsPerDegree = 10

// spot is where a place is.
type spot struct {
	booking.Point
	cosine float64 // of the latitude
	number uint32
}

// bands are the places that have a point, by bands of latitude from south to north, in each from west to east. Unlike
// the cells of a grid they are cut by a circle where its longitudes are, however close those come towards a pole.
type bands struct {
	spots  []spot
	starts [180*bandsPerDegree + 2]int32 // of each band, and the end of the last
}

// bandOf is the band of a latitude, the outermost for one beyond.
func bandOf(latitude float64) int {
	return int(max(0, min(180*bandsPerDegree, (latitude+90)*bandsPerDegree)))
}

func newBands(places []*booking.Place) *bands {
	b := &bands{spots: make([]spot, 0, len(places))}
	for i, p := range places {
		if p.Point != nil {
			b.spots = append(b.spots, spot{*p.Point, math.Cos(p.Point.Latitude * math.Pi / 180), uint32(i)})
			b.starts[bandOf(p.Point.Latitude)+1]++
		}
	}
	for i := range b.starts[1:] {
		b.starts[i+1] += b.starts[i]
	}
	slices.SortFunc(b.spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(bandOf(a.Latitude), bandOf(b.Latitude)), cmp.Compare(a.Longitude, b.Longitude))
	})
	return b
}

// around yields spots by the handful: all that may be in a circle, and few that are not.
func (b *bands) around(center booking.Point, radiusKM float64) iter.Seq[[]spot] {
	// A little more than asked, so that what is exactly at the edge is not lost to rounding.
	angle := radiusKM/earthRadiusKM*(1+1e-9) + 1e-9
	height, width := angle*180/math.Pi, 360.0
	if math.Abs(center.Latitude)+height < 90 { // no pole is inside
		width = math.Asin(math.Sin(angle)/math.Cos(center.Latitude*math.Pi/180)) * 180 / math.Pi
	}
	west, east := center.Longitude-width, center.Longitude+width
	return func(yield func([]spot) bool) {
		for band := bandOf(center.Latitude - height); band <= bandOf(center.Latitude+height); band++ {
			spots := b.spots[b.starts[band]:b.starts[band+1]]
			if len(spots) == 0 {
				continue
			}
			if width >= 180 {
				if !yield(spots) {
					return
				}
				continue
			}
			for _, turn := range [...]float64{-360, 0, 360} { // a circle that crosses the antimeridian goes on at the other end
				if west+turn > 180 || east+turn < -180 {
					continue
				}
				if !yield(between(spots, west+turn, east+turn)) {
					return
				}
			}
		}
	}
}

// between cuts a band at two longitudes.
func between(spots []spot, west, east float64) []spot {
	from, _ := slices.BinarySearchFunc(spots, west, func(s spot, at float64) int { return cmp.Compare(s.Longitude, at) })
	n, _ := slices.BinarySearchFunc(spots[from:], east, func(s spot, at float64) int {
		if s.Longitude <= at {
			return -1
		}
		return 1
	})
	return spots[from : from+n]
}

const (
	earthRadiusKM = 6371.0088 // mean radius, IUGG
	kmPerDegree   = earthRadiusKM * math.Pi / 180
)

// circle is what a search by point asks for.
type circle struct {
	center   booking.Point
	cosine   float64 // of the center's latitude
	radiusKM float64
}

// distance is the great circle's (haversine); not ok beyond the radius.
func (c *circle) distance(to *spot) (km float64, ok bool) {
	north := to.Latitude - c.center.Latitude
	if math.Abs(north)*kmPerDegree > c.radiusKM {
		return 0, false
	}
	const radians = math.Pi / 180
	a := math.Sin(north * radians / 2)
	b := math.Sin((to.Longitude - c.center.Longitude) * radians / 2)
	h := a*a + b*b*to.cosine*c.cosine
	km = 2 * earthRadiusKM * math.Asin(math.Sqrt(min(h, 1)))
	return km, km <= c.radiusKM
}
