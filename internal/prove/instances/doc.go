// Package instances shows that several processes of the program on one PostgreSQL promise a slot once, whatever becomes
// of the Redis that they share, and of them: it is emptied, its primary is killed, a replica that lags is promoted in its
// place; the processes are stopped and killed one at a time. And that they read an agenda once for all of them, each for
// itself while the Redis is gone. It has tests only.
package instances
