package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/idna"
)

// policy decides where a request may go: what its URL says is judged by target, the address that the name turned
// out to have by connection.
type policy struct {
	clear     []string       // normal names of the hosts that may be reached over http, at any port
	addresses []netip.Prefix // addresses that may be reached although they are special, at any port

	mu  sync.Mutex
	let map[spelling]string // what was let through lately, and its normal form: the same hosts are asked all the time
}

// spelling is all of a URL that decides where it leads: its scheme, and its host with its port as they are written.
type spelling struct{ scheme, host string }

// mostLet is how many are remembered: whoever writes the addresses can write many.
const mostLet = 1000

// ports are those of the public web over TLS.
var ports = []string{"443", "8443"}

func newPolicy(o Options) (*policy, error) {
	p := &policy{let: make(map[spelling]string)}
	for _, host := range o.AllowHTTP {
		normal, err := normalHost(strings.Trim(host, "[]"))
		if err != nil {
			return nil, fmt.Errorf("egress: host %q: %w", host, err)
		}
		p.clear = append(p.clear, normal)
	}
	for _, block := range o.AllowAddresses {
		if !block.IsValid() {
			return nil, errors.New("egress: a block of addresses is not valid")
		}
		p.addresses = append(p.addresses, block.Masked())
	}
	return p, nil
}

// target returns u with its host in normal form, or a *Refused.
func (p *policy) target(u *url.URL) (*url.URL, error) {
	if u == nil || u.Hostname() == "" || u.Opaque != "" {
		return nil, refuse("", "adresse sans hôte refusée")
	}
	host, known := p.known(spelling{u.Scheme, u.Host})
	if u.User != nil || !known {
		var err error
		if host, err = p.judge(u); err != nil {
			return nil, err
		}
		p.remember(spelling{u.Scheme, u.Host}, host)
	}
	if host == u.Host {
		return u, nil
	}
	normal := *u
	normal.Host = host
	return &normal, nil
}

func (p *policy) known(s spelling) (host string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	host, ok = p.let[s]
	return host, ok
}

func (p *policy) remember(s spelling, host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.let) >= mostLet {
		clear(p.let)
	}
	p.let[s] = host
}

// judge returns the host of u in normal form, with its port, or a *Refused. But for the credentials, it looks at nothing
// else than a spelling.
func (p *policy) judge(u *url.URL) (string, error) {
	host, err := normalHost(u.Hostname())
	if err != nil {
		return "", refuse(u.Hostname(), "%s", err)
	}
	if u.User != nil {
		return "", refuse(host, "identifiants dans l'adresse refusés")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme != "http":
		return "", refuse(host, "seul https est permis")
	case !slices.Contains(p.clear, host):
		return "", refuse(host, "http sans chiffrement refusé ; autorisez l'hôte par egress.hotes_http")
	}
	if literal, err := netip.ParseAddr(host); err == nil && !p.allowed(literal) {
		if what := objection(literal); what != "" {
			return "", refuseAddress(host, what, literal)
		}
		return "", refuse(host, "adresse IP au lieu d'un nom refusée : %s ; autorisez-la par egress.adresses_autorisees", literal)
	}
	if port := u.Port(); port != "" {
		return net.JoinHostPort(host, port), nil
	} else if strings.Contains(host, ":") {
		return "[" + host + "]", nil
	}
	return host, nil
}

// connection judges the address (IP and port) that is about to be connected to for host.
func (p *policy) connection(host, network, address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return refuse(host, "connexion refusée : seul TCP sur IP est permis")
	}
	if p.allowed(to.Addr()) {
		return nil
	}
	if what := objection(to.Addr()); what != "" {
		return refuseAddress(host, what, to.Addr())
	}
	if port := fmt.Sprint(to.Port()); !slices.Contains(ports, port) && !slices.Contains(p.clear, host) {
		return refuse(host, "port refusé : %s ; seuls 443 et 8443 sont permis", port)
	}
	return nil
}

// connected judges a connection that was made, before anything is sent: one that begins and ends at the same address is to
// this machine, which has other doors than the public's. Those addresses cannot be listed beforehand: they change, and
// to list them takes more rights than to use them.
func (p *policy) connected(host string, from, to net.Addr) error {
	here, errHere := netip.ParseAddrPort(from.String())
	there, errThere := netip.ParseAddrPort(to.String())
	if errHere != nil || errThere != nil {
		return refuse(host, "connexion refusée : seul TCP sur IP est permis")
	}
	if here.Addr().Unmap() == there.Addr().Unmap() && !p.allowed(there.Addr()) {
		return refuseAddress(host, "adresse de cette machine", there.Addr())
	}
	return nil
}

func (p *policy) allowed(a netip.Addr) bool {
	a = a.Unmap()
	return slices.ContainsFunc(p.addresses, func(block netip.Prefix) bool { return block.Contains(a) })
}

func refuseAddress(host, what string, a netip.Addr) *Refused {
	return refuse(host, "%s refusée : %s ; autorisez-la par egress.adresses_autorisees", what, a)
}

var errUnreadable = errors.New("nom d'hôte illisible")

// normalHost is the one spelling of a host: ASCII (IDNA, RFC 5891), small letters, no dot at the end; of an IP
// address, its canonical text. Other spellings of an IPv4 address (decimal, octal, hexadecimal, cut short) are
// refused: resolvers do not agree on what they mean. The error is one sentence in French.
func normalHost(host string) (string, error) {
	if !strings.Contains(host, ":") {
		ascii, err := idna.Lookup.ToASCII(host)
		again, errAgain := idna.Lookup.ToASCII(ascii)
		if err != nil || errAgain != nil || again != ascii { // of broken UTF-8 it makes a name that it would refuse
			return "", errUnreadable
		}
		host = strings.TrimSuffix(ascii, ".")
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if a.Zone() != "" {
			return "", errors.New("adresse de lien local refusée")
		}
		return a.Unmap().String(), nil
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if slices.Contains(labels, "") || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") || strings.Contains(host, ":") {
		return "", errUnreadable
	}
	return host, nil
}
