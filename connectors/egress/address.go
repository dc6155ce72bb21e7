package egress

import "net/netip"

// special is a block of addresses behind which no agenda of others stands.
type special struct {
	block netip.Prefix
	what  string // feminine singular, for "… refusée"
}

// specials are the special-purpose blocks of the IANA registries for IPv4 (RFC 6890 and later), and the addresses
// in public space that hosting companies keep for their own machines. More precise blocks come first.
var specials = []special{
	{netip.MustParsePrefix("169.254.169.254/32"), "adresse de métadonnées d'hébergeur"},
	{netip.MustParsePrefix("100.100.100.200/32"), "adresse de métadonnées d'hébergeur"},
	{netip.MustParsePrefix("192.0.0.192/32"), "adresse de métadonnées d'hébergeur"},
	{netip.MustParsePrefix("168.63.129.16/32"), "adresse de métadonnées d'hébergeur"},

	{netip.MustParsePrefix("0.0.0.0/8"), "adresse locale"},
	{netip.MustParsePrefix("127.0.0.0/8"), "adresse locale"},
	{netip.MustParsePrefix("10.0.0.0/8"), "adresse privée"},
	{netip.MustParsePrefix("172.16.0.0/12"), "adresse privée"},
	{netip.MustParsePrefix("192.168.0.0/16"), "adresse privée"},
	{netip.MustParsePrefix("100.64.0.0/10"), "adresse partagée d'opérateur"},
	{netip.MustParsePrefix("169.254.0.0/16"), "adresse de lien local"},
	{netip.MustParsePrefix("192.0.2.0/24"), "adresse de documentation"},
	{netip.MustParsePrefix("198.51.100.0/24"), "adresse de documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "adresse de documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "adresse de multidiffusion"},
	{netip.MustParsePrefix("192.0.0.0/24"), "adresse réservée"},
	{netip.MustParsePrefix("192.31.196.0/24"), "adresse réservée"}, // AS112
	{netip.MustParsePrefix("192.52.193.0/24"), "adresse réservée"}, // AMT
	{netip.MustParsePrefix("192.88.99.0/24"), "adresse réservée"},  // 6to4 relays, deprecated
	{netip.MustParsePrefix("192.175.48.0/24"), "adresse réservée"}, // AS112
	{netip.MustParsePrefix("198.18.0.0/15"), "adresse réservée"},   // benchmarking
	{netip.MustParsePrefix("240.0.0.0/4"), "adresse réservée"},

	{netip.MustParsePrefix("fd00:ec2::254/128"), "adresse de métadonnées d'hébergeur"},
	{netip.MustParsePrefix("::1/128"), "adresse locale"},
	{netip.MustParsePrefix("::/128"), "adresse locale"},
	{netip.MustParsePrefix("fc00::/7"), "adresse privée"},
	{netip.MustParsePrefix("fe80::/10"), "adresse de lien local"},
	{netip.MustParsePrefix("fec0::/10"), "adresse privée"}, // site-local, deprecated
	{netip.MustParsePrefix("ff00::/8"), "adresse de multidiffusion"},
	{netip.MustParsePrefix("64:ff9b::/96"), "adresse traduite (NAT64)"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "adresse traduite (NAT64)"},
	{netip.MustParsePrefix("2001::/32"), "adresse de tunnel (Teredo)"},
	{netip.MustParsePrefix("2001::/23"), "adresse réservée"}, // protocol assignments: ORCHID, benchmarking, …
	{netip.MustParsePrefix("2001:db8::/32"), "adresse de documentation"},
	{netip.MustParsePrefix("2002::/16"), "adresse de tunnel (6to4)"},
	{netip.MustParsePrefix("2620:4f:8000::/48"), "adresse réservée"}, // AS112
	{netip.MustParsePrefix("3fff::/20"), "adresse de documentation"},
}

// public6 is all of IPv6 that is given out to networks. Whatever is outside is refused, with or without a name.
var public6 = netip.MustParsePrefix("2000::/3")

// objection says why an address may not be reached, or "" if it may. An IPv4 address inside an IPv6 one is judged
// as what it is.
func objection(a netip.Addr) string {
	if a.Zone() != "" {
		return "adresse de lien local"
	}
	a = a.Unmap()
	for _, s := range specials {
		if s.block.Contains(a) {
			return s.what
		}
	}
	if a.Is6() && !public6.Contains(a) || !a.IsValid() {
		return "adresse réservée"
	}
	return ""
}
