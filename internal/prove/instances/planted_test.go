package instances

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/booking/volatile"
	"passerelle/connectors"
	"passerelle/connectors/interval"
	"passerelle/internal/prove/contention"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

// believer is a ledger whose holds are decided by Redis, and kept nowhere else.
type believer struct {
	booking.Ledger
	redis redis.UniversalClient
}

func (b *believer) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	if c.Change != nil {
		return b.Ledger.Claim(ctx, c)
	}
	a := c.Appointment
	key := fmt.Sprintf("garde/%s/%d", a.Agenda, a.Start)
	first, err := b.redis.SetArgs(ctx, key, a.ID, redis.SetArgs{Mode: "NX", TTL: 20 * time.Minute}).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return booking.Appointment{}, err
	}
	if first != "OK" {
		return booking.Appointment{}, &booking.Error{Kind: connectors.SlotTaken, Code: "creneau_pris", Detail: "Ce créneau vient d'être pris."}
	}
	a.Status, a.Version, a.Chain = booking.Held, 1, a.ID
	return a, nil
}

// TestHoldsDecidedByRedisArePromisedTwice plants the fault that the ledger is there to prevent: what sees nothing with a
// Redis that remembers sees it when that is emptied.
func TestHoldsDecidedByRedisArePromisedTwice(t *testing.T) {
	for name, c := range map[string]struct {
		believe, empty, double bool
	}{
		"Redis decides and remembers":          {believe: true},
		"Redis decides and is emptied":         {believe: true, empty: true, double: true},
		"the ledger decides, Redis is emptied": {empty: true},
	} {
		t.Run(name, func(t *testing.T) {
			server := testservers.StartRedis(t)
			client, err := volatile.Connect("redis://" + server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			o := contention.Options{
				Ledger:  ledger.Options{Path: filepath.Join(t.TempDir(), "registre.db")},
				Diaries: []contention.Diary{{ID: "d0", Hours: "Mo-Su 00:00-24:00", Motifs: []booking.Motif{{ID: "quart", Duration: 15 * time.Minute, HorizonDays: 10}}}},
			}
			if c.believe {
				o.Holds = func(l booking.Ledger) booking.Ledger { return &believer{Ledger: l, redis: client} }
			}
			d := contention.Open(t, o)
			caller := d.Caller(t)
			crowd := newCrowd("garde", quarters(t, d), func(ctx context.Context, _ int, method, path, key string, body []byte) (gateway.Answer, error) {
				return caller.Call(ctx, method, path, key, body)
			})
			crowd.holdsOnly = true
			const attempts = 400
			crowd.step = func(n int) {
				if c.empty && n%perSlot == perSlot/2 {
					if err := client.FlushAll(t.Context()).Err(); err != nil {
						crowd.fault(err)
					}
				}
			}
			crowd.run(t.Context(), attempts)
			for _, err := range crowd.wrong {
				t.Error(err)
			}
			t.Logf("%d attempts: %d slots promised, %d of them to two", attempts, len(crowd.promised), crowd.doubles())
			if (crowd.doubles() > 0) != c.double || len(crowd.promised) == 0 {
				t.Errorf("of %d slots, %d were promised to two", len(crowd.promised), crowd.doubles())
			}
		})
	}
}

// quarters are slots of the one diary, from tomorrow on.
func quarters(t *testing.T, d *contention.Door) (out []string) {
	t.Helper()
	zone, err := contention.Zone()
	if err != nil {
		t.Fatal(err)
	}
	y, m, day := time.Now().In(zone).Date()
	for n := range 96 {
		start := time.Date(y, m, day+2, 0, 0, 0, 0, zone).Unix() + int64(n)*900
		out = append(out, d.Slots.ID(booking.SlotRef{Place: "d0", Agenda: "d0", Motif: "quart", Interval: interval.Interval{Start: start, End: start + 900}}))
	}
	return out
}
