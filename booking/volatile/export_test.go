package volatile

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// ConnectPatiently is Connect for a machine that is busy with other tests: an answer may take long, and is right.
func ConnectPatiently(address string) (redis.UniversalClient, error) {
	o, err := options(address)
	if err != nil {
		return nil, err
	}
	patient(o)
	return redis.NewUniversalClient(o), nil
}

func patient(o *redis.UniversalOptions) {
	const long = 10 * time.Second
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = long, long, long, long
}

// Patiently lets a tally of a loaded machine wait for its store.
func (t *Tally) Patiently() *Tally {
	t.wait = hang
	return t
}
