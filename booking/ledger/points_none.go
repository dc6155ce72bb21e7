//go:build !failpoints

package ledger

// points is nothing in the program as it is shipped: see points_built.go.
type points struct{}

func planned(*Options) points { return points{} }

func (points) reach(point) {}

func (points) executed([]*job) {}
