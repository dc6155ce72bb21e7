package config

import (
	"net"
	"net/netip"
	"reflect"
)

// Load reads the file at path, if path is not empty, then the variables over it, checks the whole and reads the
// addresses that stand in files of their own. Relative paths are left as written: they are relative to the folder
// that the program runs in. The error is an *Error with every problem; the Config is then zero.
func Load(path string, env func(string) (string, bool), readFile func(string) ([]byte, error)) (Config, error) {
	c := defaults()
	r := newReader()
	if path != "" {
		r.file(path, readFile, &c)
	}
	r.environment("", reflect.ValueOf(&c).Elem(), outside{env, readFile})
	r.check(&c)
	r.readFiles(c.Agendas, readFile)
	if err := r.err(path); err != nil {
		return Config{}, err
	}
	return c, nil
}

func (r *reader) file(path string, readFile func(string) ([]byte, error), c *Config) {
	data, err := readFile(path)
	if err != nil {
		r.report("", reasonOfFile(path, err))
		return
	}
	root, ok := r.document(data)
	if !ok {
		return
	}
	node := r.plain("", root)
	if node == nil {
		return
	}
	r.set("", node, field{value: reflect.ValueOf(c).Elem()})
}

// CheckServe reports what serving needs and other commands do not. The error is an *Error.
func (c Config) CheckServe() error {
	r := newReader()
	if len(c.Secret) == 0 {
		r.report("secret", "obligatoire pour servir : donnez "+variableOf("secret")+" ou "+variableOf("secret")+"_FILE ; « openssl rand -base64 32 » en tire un")
	}
	if c.PublicURL == "" {
		r.report("url_publique", "obligatoire quand « ecoute » n'est pas une adresse de cette machine seule : c'est l'adresse que voient les partenaires")
	}
	return r.err("")
}

// localURL is how this machine reaches a listener that only it can reach; empty for any other.
func localURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return ""
	}
	if address, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !address.IsLoopback()) {
		return ""
	}
	return "http://" + net.JoinHostPort(host, port)
}
