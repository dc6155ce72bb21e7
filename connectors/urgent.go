package connectors

import (
	"context"
	"time"
)

type urgency struct{}

// Urgently marks what is asked of an agenda while somebody waits for it, and since when: a reading before a booking, and
// the booking. What was known of the agenda before does not hold it back.
func Urgently(ctx context.Context, since time.Time) context.Context {
	return context.WithValue(ctx, urgency{}, since)
}

// Urgent says since when somebody waits; zero where nobody does.
func Urgent(ctx context.Context) time.Time {
	since, _ := ctx.Value(urgency{}).(time.Time)
	return since
}
