// Package search shows that a search answers what looking at every place would: random questions are asked of a Service of real
// parts, and of a loop that knows neither the index of places, nor what is kept of agendas, nor how they are ranked. It has tests
// only.
package search
