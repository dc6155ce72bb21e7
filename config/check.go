package config

import (
	"bytes"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// check judges what one value alone does not show, and completes what follows from other keys.
func (r *reader) check(c *Config) {
	r.checkListen(c)
	r.checkSecrets(c)
	for i, source := range c.Sources {
		r.checkSource(index("lieux", i), source)
	}
	for i, host := range c.Egress.HTTPHosts {
		c.Egress.HTTPHosts[i] = strings.ToLower(host)
		r.checkHost(index("egress.hotes_http", i), host)
	}
	if c.Stale < c.Fresh && !r.wrong["peremption"] && !r.wrong["fraicheur"] {
		key := "peremption"
		if !r.given(key) {
			key = "fraicheur"
		}
		r.report(key, "la péremption ("+c.Stale.String()+") doit être au moins aussi longue que la fraîcheur ("+c.Fresh.String()+")")
	}
	r.checkStores(c)
	r.checkMail(c)
	r.checkSMS(c)
	r.checkMap(c)
	r.checkDSFR(c)
	r.checkProvider(c)
	r.checkAgendas(c.Agendas)
}

// checkStores never shows an address: it may hold a password.
func (r *reader) checkStores(c *Config) {
	if c.Database != "" && !hasScheme(string(c.Database), "postgres", "postgresql") {
		r.report("base", "une adresse postgres://utilisateur:mot_de_passe@hôte/base est attendue")
	}
	if c.Redis != "" && !hasScheme(string(c.Redis), "redis", "rediss", "redis+sentinel", "redis+cluster") {
		r.report("redis", "une adresse redis://, rediss://, redis+sentinel:// ou redis+cluster:// est attendue")
	}
}

func hasScheme(text string, schemes ...string) bool {
	for _, scheme := range schemes {
		if strings.HasPrefix(text, scheme+"://") {
			return true
		}
	}
	return false
}

// checkMail wants whole addresses, and a sender where there is a server.
func (r *reader) checkMail(c *Config) {
	r.checkAddress("courriel.expediteur", c.Mail.Sender, "rendez-vous@example.org")
	r.checkAddress("courriel.exploitant", c.Mail.Operator, "rendez-vous@example.org")
	if c.Mail.Host != "" && c.Mail.Sender == "" && !r.wrong["courriel.expediteur"] {
		r.report("courriel.expediteur", "obligatoire quand « courriel.serveur » est donné : c'est l'adresse dont viennent les messages")
	}
}

// checkAddress wants what the domain takes for a mail address, or nothing. A test of the program compares the two.
func (r *reader) checkAddress(path, address, example string) {
	a, err := mail.ParseAddress(address)
	hidden := func(c rune) bool { return unicode.In(c, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) }
	_, domain, _ := strings.Cut(address, "@")
	if address != "" && !r.wrong[path] && (err != nil || a.Address != address || strings.ContainsFunc(address, hidden) || !strings.Contains(domain, ".")) {
		r.report(path, "une adresse de courriel est attendue, par exemple "+example)
	}
}

// checkSMS wants all of it, or nothing; and mail too: who is not told by SMS is told by mail.
func (r *reader) checkSMS(c *Config) {
	s := c.SMS
	if s.Address == "" {
		if s.Token != "" || s.Sender != "" {
			r.report("sms.adresse", "obligatoire quand « sms.jeton » ou « sms.expediteur » est donné")
		}
		return
	}
	if !isWebAddress(s.Address, c.webSchemes(s.Address)...) || strings.Contains(s.Address, "#") {
		r.report("sms.adresse", "une adresse https:// est attendue")
	}
	if s.Sender != "" && !sender.MatchString(s.Sender) {
		r.report("sms.expediteur", "un nom de 3 à 11 lettres ou chiffres, ou un numéro, est attendu")
	}
	if c.Mail.Host == "" {
		r.report("sms.adresse", "demande aussi « courriel.serveur » : qui n'est pas prévenu par SMS l'est par courriel")
	}
	for key, given := range map[string]bool{"sms.jeton": s.Token != "", "sms.expediteur": s.Sender != ""} {
		if !given && !r.wrong[key] {
			r.report(key, "obligatoire quand « sms.adresse » est donné")
		}
	}
}

// checkMap wants an address of tiles, and whose they are: both are on every map.
func (r *reader) checkMap(c *Config) {
	tiles := c.Map.Tiles
	if tiles == "" {
		if c.Map.Credit != "" {
			r.report("carte.tuiles", "obligatoire quand « carte.mention » est donné")
		}
		return
	}
	if !isWebAddress(tiles, c.webSchemes(tiles)...) || strings.ContainsAny(tiles, "#; '\"") {
		r.report("carte.tuiles", "une adresse https:// est attendue")
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(tiles, part) && !r.wrong["carte.tuiles"] {
			r.report("carte.tuiles", "doit contenir {z}, {x} et {y}")
		}
	}
	if c.Map.Credit == "" {
		r.report("carte.mention", "obligatoire quand « carte.tuiles » est donné")
	}
}

// sender is what telephones can show: a name, or a number.
var sender = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9 ]{1,9}[A-Za-z0-9]|\+?[0-9]{3,15})$`)

// webSchemes are those by which a host may be reached.
func (c *Config) webSchemes(address string) []string {
	if u, err := url.Parse(address); err == nil && slices.Contains(c.Egress.HTTPHosts, u.Hostname()) {
		return []string{"https", "http"}
	}
	return []string{"https"}
}

// checkDSFR keeps the State's mark from sites that are not the State's: its terms allow it under .gouv.fr alone, and on
// the machine of who prepares such a site.
func (r *reader) checkDSFR(c *Config) {
	d := c.DSFR
	if d == (DSFR{}) {
		return
	}
	for key, given := range map[string]bool{"dsfr.dossier": d.Folder != "", "dsfr.intitule": strings.Trim(d.Entity, "| ") != ""} {
		if !given {
			r.report(key, "obligatoire : « dsfr » demande un dossier et un intitulé")
		}
	}
	public, err := url.Parse(c.PublicURL)
	if err != nil || r.wrong["url_publique"] {
		return
	}
	if host := public.Hostname(); !strings.HasSuffix(host, ".gouv.fr") && !isLoopback(host) {
		r.report("dsfr.dossier", "le système de design de l'État est réservé aux sites en .gouv.fr")
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkProvider wants all of it, or nothing. Its address has no slash to spare: it is compared letter by letter.
func (r *reader) checkProvider(c *Config) {
	p := c.Provider
	if p.Issuer == "" {
		if p.ID != "" || p.Secret != "" {
			r.report("fournisseur.emetteur", "obligatoire quand « fournisseur.client_id » ou « fournisseur.client_secret » est donné")
		}
		return
	}
	if !isWebAddress(p.Issuer, c.webSchemes(p.Issuer)...) || strings.ContainsAny(p.Issuer, "?#") {
		r.report("fournisseur.emetteur", "une adresse https:// est attendue, telle que le fournisseur la publie")
	}
	for key, given := range map[string]bool{"fournisseur.client_id": p.ID != "", "fournisseur.client_secret": p.Secret != "", "fournisseur.nom": p.Name != ""} {
		if !given && !r.wrong[key] {
			r.report(key, "obligatoire quand « fournisseur.emetteur » est donné")
		}
	}
}

func (r *reader) checkListen(c *Config) {
	if !r.wrong["ecoute"] && !isListen(c.Listen) {
		r.report("ecoute", quote(c.Listen)+" n'est pas une adresse d'écoute : écrivez par exemple 127.0.0.1:8080 ou :8080")
	}
	switch {
	case c.Metrics == "" || r.wrong["metriques"]:
	case !isListen(c.Metrics):
		r.report("metriques", quote(c.Metrics)+" n'est pas une adresse d'écoute : écrivez par exemple 127.0.0.1:9464")
	case c.Metrics == c.Listen:
		r.report("metriques", "une autre adresse que « ecoute » est attendue : ce que voit l'exploitant n'est pas public")
	}
	switch {
	case r.wrong["url_publique"]:
	case c.PublicURL == "":
		c.PublicURL = localURL(c.Listen)
	case !isWebAddress(c.PublicURL, "http", "https"):
		r.report("url_publique", "une adresse http(s) complète est attendue, par exemple https://rdv.example.org")
	case strings.ContainsAny(c.PublicURL, "?#"):
		r.report("url_publique", "l'adresse ne doit contenir ni « ? » ni « # »")
	case hasPath(c.PublicURL):
		r.report("url_publique", "l'adresse ne doit pas avoir de chemin : la passerelle a un nom d'hôte à elle, par exemple https://rdv.example.org")
	default:
		c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	}
}

// isListen reports whether text is an address that can be listened at: host:port, the host left out for all of the machine's.
func isListen(text string) bool {
	_, port, err := net.SplitHostPort(text)
	n, numErr := strconv.ParseUint(port, 10, 16)
	return err == nil && numErr == nil && strconv.FormatUint(n, 10) == port
}

// hasPath reports whether an address leads below the root of its host. The pages' cookies are for a whole host.
func hasPath(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Trim(u.Path, "/") != ""
}

func (r *reader) checkSecrets(c *Config) {
	all := append([]MasterSecret{c.Secret}, c.PreviousSecrets...)
	for i, previous := range c.PreviousSecrets {
		for _, other := range all[:i+1] {
			if len(previous) > 0 && bytes.Equal(previous, other) {
				r.report(index("secrets_precedents", i), "ce secret est déjà donné : un secret remplacé ne sert plus")
				break
			}
		}
	}
	if len(c.PreviousSecrets) > 0 && !r.given("secret") {
		r.report("secrets_precedents", "un secret précédent ne sert qu'avec le secret qui le remplace : donnez aussi « secret »")
	}
}

// checkSource accepts any path, and no address but https. The address is not shown: it may hold a key.
func (r *reader) checkSource(path, source string) {
	if strings.Contains(source, "://") && !isWebAddress(source, "https") {
		r.report(path, "un chemin de fichier ou une adresse https:// est attendu")
	}
}

// checkHost wants a host, or host:port, and nothing around it.
func (r *reader) checkHost(path, host string) {
	if r.wrong[path] {
		return
	}
	if u, err := url.Parse("//" + host); err != nil || u.Host != host || u.Hostname() == "" || u.Port() != "" {
		r.report(path, quote(host)+" n'est pas un nom d'hôte : écrivez par exemple agenda.example.org, sans http:// ni port")
	}
}

// isWebAddress reports whether text is an absolute address with a host, without a user name.
func isWebAddress(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return true
		}
	}
	return false
}
