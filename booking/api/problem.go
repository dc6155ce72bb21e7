package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/connectors"
)

// statuses is the one table from kinds to HTTP (design §4).
var statuses = map[connectors.Kind]int{
	connectors.Internal:       http.StatusInternalServerError,
	connectors.Invalid:        http.StatusUnprocessableEntity,
	connectors.NotFound:       http.StatusNotFound,
	connectors.SlotTaken:      http.StatusConflict,
	connectors.Changed:        http.StatusConflict,
	connectors.Refused:        http.StatusConflict,
	connectors.Unsupported:    http.StatusConflict,
	connectors.Misconfigured:  http.StatusBadGateway,
	connectors.RateLimited:    http.StatusServiceUnavailable,
	connectors.Unavailable:    http.StatusServiceUnavailable,
	connectors.OutcomeUnknown: http.StatusAccepted,
}

// titles say a status in words.
var titles = map[int]string{
	http.StatusAccepted:              "Issue inconnue",
	http.StatusBadRequest:            "Demande incomplète",
	http.StatusUnauthorized:          "Jeton refusé",
	http.StatusForbidden:             "Interdit",
	http.StatusNotFound:              "Inconnu",
	http.StatusMethodNotAllowed:      "Méthode refusée",
	http.StatusConflict:              "Conflit",
	http.StatusRequestEntityTooLarge: "Demande trop grande",
	http.StatusUnprocessableEntity:   "Demande invalide",
	http.StatusTooManyRequests:       "Trop de demandes",
	http.StatusInternalServerError:   "Erreur interne",
	http.StatusBadGateway:            "Agenda mal raccordé",
	http.StatusServiceUnavailable:    "Indisponible",
}

// sentences are for errors that come without one of their own.
var sentences = map[int]Probleme{
	http.StatusInternalServerError: {Code: "erreur_interne", Detail: "Une erreur interne s'est produite. Réessayez ; si elle persiste, donnez le request_id à l'opérateur."},
	http.StatusUnprocessableEntity: {Code: "demande_invalide", Detail: "La demande n'est pas valide."},
	http.StatusNotFound:            {Code: "inconnu", Detail: "Cela n'existe pas."},
	http.StatusConflict:            {Code: "conflit", Detail: "L'agenda du lieu a changé : relisez-le avant d'agir."},
	http.StatusBadGateway:          {Code: "agenda_mal_raccorde", Detail: "La passerelle n'a plus accès à l'agenda de ce lieu. L'opérateur est prévenu ; appelez le lieu."},
	http.StatusServiceUnavailable:  {Code: "source_en_echec", Detail: "L'agenda de ce lieu ne répond pas : réessayez dans un instant, ou appelez le lieu."},
	http.StatusAccepted:            {Code: "incertain", Detail: "L'agenda du lieu n'a pas répondu : l'issue n'est pas connue."},
}

// refusal is an error of this door, not of the domain.
type refusal struct {
	status int
	code   string
	detail string
	fields []booking.FieldError
	wait   time.Duration // until it may be tried again; zero where that is not known
	err    error
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: %v", r.code, r.err) }
func (r *refusal) Unwrap() error { return r.err }

var (
	errNoRoute  = &refusal{status: http.StatusNotFound, code: "adresse_inconnue", detail: "Cette adresse n'existe pas. Celles qui existent sont décrites sur /docs."}
	errNoMethod = &refusal{status: http.StatusMethodNotAllowed, code: "methode_refusee", detail: "Cette adresse existe, pas avec cette méthode."}
	errTooLarge = &refusal{status: http.StatusRequestEntityTooLarge, code: "corps_trop_grand", detail: "Le corps de la demande est trop grand."}
	errNoKey    = &refusal{
		status: http.StatusBadRequest, code: "cle_manquante",
		detail: "L'en-tête Idempotency-Key est obligatoire : il permet de répéter l'appel sans rien faire deux fois.",
		fields: []booking.FieldError{{Name: idempotencyKey, Reason: "obligatoire"}},
	}
	errNoToken = errors.New("api: no bearer token")
)

// unreadable is a request that could not even be validated.
func unreadable(err error) error {
	return &refusal{
		status: http.StatusUnprocessableEntity, code: "demande_invalide", detail: "La demande n'a pas pu être lue.",
		fields: []booking.FieldError{{Name: "(corps)", Reason: "n'est pas du JSON de la forme attendue"}}, err: err,
	}
}

func scopeMissing(scope string) error {
	return &refusal{
		status: http.StatusForbidden, code: "portee_manquante", detail: "Ce jeton ne permet pas cela : il lui manque la portée « " + scope + " ».",
		fields: []booking.FieldError{{Name: "scope", Reason: "portée absente du jeton", Allowed: []string{scope}}}, err: auth.ErrScope,
	}
}

// refuse is the one exit for everything that is not an answer. The cause goes to the log, never to the caller.
func (s *server) refuse(c *gin.Context, err error) {
	c.Abort()
	err = s.guessed(c, err)
	if errors.Is(err, auth.ErrInvalidToken) || errors.Is(err, errNoToken) {
		s.Logger.Info("token refused", "err", err, "request_id", c.GetString(keyRequestID))
		s.tokenRefused(c, err)
		return
	}
	status, p := s.problem(err)
	switch {
	case c.Request.Context().Err() != nil:
		s.Logger.Info("the caller left", "err", err, "request_id", c.GetString(keyRequestID))
	case errors.Is(err, errBusy): // the line of the request says it: there are many
	case status >= http.StatusInternalServerError:
		s.Logger.Error("request failed", "err", err, "statut", status, "request_id", c.GetString(keyRequestID))
	}
	switch {
	case p.Code == "demande_en_cours":
		c.Header("Retry-After", "5")
	case status == http.StatusServiceUnavailable, status == http.StatusTooManyRequests:
		c.Header("Retry-After", retryAfter(err))
	}
	s.write(c, status, p)
}

func (s *server) problem(err error) (int, Probleme) {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status, Probleme{Code: r.code, Detail: r.detail, Champs: fields(r.fields)}
	}
	status := statuses[connectors.KindOf(err)]
	e, ok := errors.AsType[*booking.Error](err)
	if !ok {
		return status, sentences[status]
	}
	if e.Code == "cle_manquante" || e.Code == "cle_invalide" {
		status = http.StatusBadRequest
	}
	p := Probleme{Lien: text(e.Link), RendezVousId: text(e.Appointment), Code: e.Code, Detail: e.Detail, Champs: fields(e.Fields)}
	if len(e.Near) > 0 {
		p.CreneauxProches = s.slots(e.Near)
	}
	return status, p
}

func fields(list []booking.FieldError) []Champ {
	out := make([]Champ, len(list))
	for i, f := range list {
		out[i] = Champ{Champ: f.Name, Raison: f.Reason}
		if len(f.Allowed) > 0 {
			out[i].Valeurs = &f.Allowed
		}
	}
	return out
}

// write completes a problem and sends it (RFC 9457).
func (s *server) write(c *gin.Context, status int, p Probleme) {
	if c.Writer.Written() {
		return // the answer has begun: nothing that we add would be understood
	}
	p.Type, p.Title, p.Status, p.RequestId = s.PublicURL+"/docs#"+p.Code, titles[status], status, c.GetString(keyRequestID)
	if p.Champs == nil {
		p.Champs = []Champ{}
	}
	if p.CreneauxProches == nil {
		p.CreneauxProches = []Creneau{}
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank","status":500}`)
	}
	c.Data(status, "application/problem+json", body)
}

// retryAfter is in seconds: what the source asked for, or our own limit, else five.
func retryAfter(err error) string {
	wait := 5 * time.Second
	if e, ok := errors.AsType[*connectors.Error](err); ok && e.RetryAfter > 0 {
		wait = e.RetryAfter
	}
	if r, ok := errors.AsType[*refusal](err); ok && r.wait > 0 {
		wait = r.wait
	}
	return strconv.Itoa(seconds(wait))
}
