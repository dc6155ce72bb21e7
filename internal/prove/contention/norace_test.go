//go:build !race

package contention

const raced = false
