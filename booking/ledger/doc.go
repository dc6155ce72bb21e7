// Package ledger is the durable truth, in SQL: claims, appointments, idempotency keys, messages due, partners,
// connections, and people who sign in. What it acknowledged is on disk; what it refused left no trace.
//
// "No overlap per agenda" is a rule of the database (a trigger, schema/0001.sql), not of this code. Every change of
// an appointment goes through booking.Step, inside the transaction that keeps it. The package knows neither the
// API nor any agenda, and it is the only one that imports a SQL driver.
package ledger
