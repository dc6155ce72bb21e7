// Package held is what a test holds of the world while something runs in it: the clock, and the text that is written. Only
// tests import it.
package held
