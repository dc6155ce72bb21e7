// Package rdvsp is the connector of RDV Service Public (also RDV Solidarités and RDV Aide Numérique). It recognises
// the public addresses of that software and hands people over to its pages.
//
// The software offers no interface that lists slots or books a future appointment, and its robots.txt forbids
// reading its pages: this package asks it nothing over the network. It must not know of places.
package rdvsp
