// Package events is what leaves the gateway by itself, because something happened: letters to people by mail and short messages (Mailer,
// with the links by which a structure answers) and messages to partners' addresses (Dispatcher).
//
// What is owed is not its own: it takes from booking.Outbox and booking.Webhooks, under a lease, and says what became
// of it. It owns the words of the letters, their invitations (iTIP), when something is tried again and when it is given
// up. It must not know how anything is kept, nor dial or ask the network by other means than those handed in, and it
// never writes personal data into a log.
package events
