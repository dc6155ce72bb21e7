// Package power shows that a booking which was acknowledged is never lost when the power fails: the program's writes and
// syncs are recorded (strace), each answer is found to leave after the sync of its transaction, and the files are rebuilt
// as a disk may hold them at any moment: what was synced, and of the rest what chance has let through, torn or not.
//
// It owns the record, the model of the disk and the images; it must not know what SQLite's files mean, but for where a
// transaction of its log ends.
package power
