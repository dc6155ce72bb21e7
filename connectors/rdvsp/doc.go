// Package rdvsp is the connector of RDV Service Public (also RDV Solidarités and RDV Aide Numérique). It recognises the
// public addresses of that software, finds where they lead, and hands people over to its pages. Where an agent of the
// organisation let the gateway in, it invites people to a page of their own and follows what became of it; where the
// software gave us a partner's key, it lists slots and books.
//
// To others the software offers no list of slots and no booking, and its robots.txt forbids reading its pages: they are
// not read. Only who is invited is told to the software, and only to her organisation. It must not know of places.
package rdvsp
