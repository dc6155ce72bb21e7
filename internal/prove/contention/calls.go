package contention

import (
	"fmt"
	"sync"
)

// Demand is the body of a booking: of a slot ("creneau_id") or of a hold ("reservation_id"), for a person of that name.
func Demand(by, id, person string, seats int) []byte {
	return fmt.Appendf(nil, `{%q:%q,"nombre":%d,"usager":{"prenom":"P","nom":%q,"contact":"par_prescripteur"},`+
		`"prescripteur":{"prenom":"P","nom":"N","courriel":"aidant@example.org","qualite":"professionnel"},`+
		`"besoin":{"services":["Aide aux démarches administratives"]},`+
		`"consentement":{"mode":"oral","recueilli_le":"2026-01-05T09:00:00+01:00"}}`, by, id, seats, person)
}

// Together runs do for every index below n at once and waits for all.
func Together(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}
