// Package calendars shows what becomes of appointments in real calendars: the service books, moves and cancels on a CalDAV
// server while another program and a human write to the same calendar, and while the server is killed, slow, or cut off
// in the middle of an answer. In the end the calendar and the ledger say the same.
//
// It owns what the others do, and the judgement. It must not know how a connector works: it looks into the calendar with
// a reader of its own.
package calendars
