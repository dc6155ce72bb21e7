// Package leaks looks for persons where none may be: in what the program logs, in its files, in Redis, in webhooks and in
// refusals, as text and in the usual disguises of text.
package leaks
