// Package neighbours shows that a broken agenda hurts itself only: one of many hangs, hangs up, floods or talks nonsense,
// while all are searched and the others are booked, through the client that the program is given. It has tests only.
package neighbours
