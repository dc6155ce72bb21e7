package availability

import "context"

// gate lets so many through at once: it holds one element for each that is inside.
type gate chan struct{}

// enter waits until there is room, or ctx ends.
func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}: // nearly always: what a context takes to be waited for is not taken
		return nil
	default:
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g }
