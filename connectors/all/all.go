package all

import (
	"passerelle/connectors"
	"passerelle/connectors/caldav"
	"passerelle/connectors/freebusy"
	"passerelle/connectors/ics"
	"passerelle/connectors/link"
	"passerelle/connectors/native"
	"passerelle/connectors/rdvsp"
)

// Registry lists every connector, in the order in which they are asked whether an address is theirs: the most
// particular first, link last, which takes whatever is left.
func Registry() *connectors.Registry {
	return connectors.NewRegistry(
		rdvsp.Connector,
		caldav.Connector,
		freebusy.Connector,
		ics.Connector,
		native.Connector,
		link.Connector,
	)
}
