// Package rdvsptest is a small RDV Service Public on loopback: its public addresses, its consent (OAuth 2), its API, its
// webhooks and its partner API with slots, as far as they are documented, and the ways in which they fail. Only tests
// import it.
//
// It is made from what the software says of its own API and from what is known of its behaviour; none of its code is
// here. Every request that arrives and every answer that leaves is held against those documents where they are present
// (../shared/contracts), and what they do not say is in one list with the reason (beyond.go). It must not know of the
// connector: a mistake of one must not be repeated by the other.
package rdvsptest
