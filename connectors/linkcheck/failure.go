package linkcheck

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"

	"passerelle/connectors"
	"passerelle/connectors/egress"
)

// outcome is what came of looking at an address. err is set where no answer came, or none that counts.
type outcome struct {
	verdict Verdict
	detail  string
	better  string
	err     error
}

// Why an address was not asked for, or its redirections not followed.
var (
	errForbidden = errors.New("robots.txt forbids it")
	errBusy      = errors.New("the host has asked for fewer requests") // so it gets no more of them
	errNowhere   = errors.New("a redirection to what is no web address")
	errTooFar    = errors.New("too many redirections")
)

// noRobots says that a site's robots.txt could not be had, and why.
type noRobots struct{ err error }

func (e *noRobots) Error() string { return "robots.txt: " + e.err.Error() }

func (e *noRobots) Unwrap() error { return e.err }

// failed says what it means that a host did not answer, or not so that it counts. The texts of errors of net/http hold
// addresses, so none of them is shown.
func failed(host string, err error) outcome {
	verdict, detail := meaning(host, err)
	if is[*noRobots](err) && verdict == Unknown && !refused(err) && !errors.Is(err, errBusy) {
		detail = "Le robots.txt du site n'a pas pu être lu, donc le lien n'a pas été regardé. " + detail
	}
	return outcome{verdict: verdict, detail: detail, err: err}
}

func meaning(host string, err error) (Verdict, string) {
	switch {
	case errors.Is(err, errForbidden):
		return Forbidden, "Le robots.txt de " + host + " interdit aux programmes de regarder cette adresse : elle n'a pas été regardée."
	case errors.Is(err, errBusy):
		return Unknown, "Le site " + host + " demande de ralentir (429) : il n'est plus interrogé cette fois-ci."
	case errors.Is(err, errNowhere):
		return Unknown, "Le site " + host + " redirige vers ce qui n'est pas l'adresse d'une page."
	case errors.Is(err, errTooFar):
		return Unknown, fmt.Sprintf("Le site redirige plus de %d fois.", maxHops)
	}
	if status := connectors.StatusOf(err); status != 0 { // in place of a robots.txt
		return Unknown, unproven(host, status)
	}
	if refused, ok := errors.AsType[*egress.Refused](err); ok {
		return Unknown, "La passerelle ne suit pas cette adresse (" + host + ") : " + refused.Reason + "."
	}
	if is[*egress.Spared](err) {
		return Unknown, "Le site " + host + " n'a pas répondu plusieurs fois de suite : il n'est plus interrogé pour le moment."
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		if name.IsNotFound {
			return Dead, "Le nom " + host + " n'existe pas."
		}
		return Unknown, "Le nom " + host + " n'a pas pu être cherché."
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate(host, bad)
	}
	if wait, ok := errors.AsType[net.Error](err); ok && wait.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return Unknown, "Le site " + host + " n'a pas répondu à temps."
	}
	return Unknown, "Le site " + host + " n'a pas répondu."
}

// certificate tells what every browser refuses (wrong time, wrong name, signed by itself) from an authority that this
// machine does not know: the chain may be incomplete, or our own list.
func certificate(host string, bad *tls.CertificateVerificationError) (Verdict, string) {
	what := "Le certificat de " + host + " n'est pas valable : "
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](bad); ok && invalid.Reason == x509.Expired {
		return Dead, what + "il est expiré, ou pas encore valable."
	}
	if _, ok := errors.AsType[x509.HostnameError](bad); ok {
		return Dead, what + "il est au nom d'un autre site."
	}
	if chain := bad.UnverifiedCertificates; len(chain) > 0 && bytes.Equal(chain[0].RawIssuer, chain[0].RawSubject) {
		return Dead, what + "le site l'a signé lui-même."
	}
	return Unknown, "Le certificat de " + host + " n'a pas pu être vérifié : chaîne incomplète, ou autorité inconnue ici."
}

// judge is the verdict on a final status.
func judge(host string, status int) outcome {
	switch {
	case status/100 == 2:
		return outcome{verdict: Good, detail: "Le site " + host + " répond."}
	case status == http.StatusNotFound:
		return outcome{verdict: Dead, detail: "Le site " + host + " répond que cette page n'existe pas (404)."}
	case status == http.StatusGone:
		return outcome{verdict: Dead, detail: "Le site " + host + " répond que cette page n'existe plus (410)."}
	}
	return outcome{verdict: Unknown, detail: unproven(host, status)}
}

func unproven(host string, status int) string {
	what := "répond d'une façon qui ne prouve rien"
	switch {
	case status == http.StatusTooManyRequests:
		what = "demande de ralentir"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		what = "ne répond pas aux programmes, ou pas à tout le monde"
	case status >= 500:
		what = "est en panne"
	}
	return fmt.Sprintf("Le site %s %s (%d).", host, what, status)
}

// reached reports whether a request that failed may have got as far as the server's HTTP, where another method may
// fare better.
func reached(err error) bool {
	connection, ok := errors.AsType[*net.OpError](err)
	return silent(err) && !is[*egress.Spared](err) && !(ok && connection.Op == "dial") && !is[*net.DNSError](err) && !is[*tls.CertificateVerificationError](err)
}

// silent reports whether a host did not answer although it was asked. A name that does not exist is no host.
func silent(err error) bool {
	name, ok := errors.AsType[*net.DNSError](err)
	return err != nil && !(ok && name.IsNotFound) && !refused(err) && !is[connectors.Status](err) &&
		!errors.Is(err, errBusy) && !errors.Is(err, errForbidden) && !errors.Is(err, errNowhere) && !errors.Is(err, errTooFar)
}

// refused reports whether the client did not let the request out.
func refused(err error) bool { return is[*egress.Refused](err) }

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
