package api

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"passerelle/auth"
	"passerelle/booking"
)

// document is the source of this package: what it says is what is served, validated and generated.
//
//go:embed openapi.yaml
var document []byte

// Options are the parts of the API: all are needed but Pages, and those with a default.
type Options struct {
	Service        *booking.Service
	Tokens         *auth.TokenService
	Verifier       *auth.Verifier
	Ready          func(context.Context) error // nil error: the gateway can serve
	Webhooks       booking.Webhooks
	NewWebhook     func(partner, url string, asymmetric bool) (booking.Webhook, error) // with its keys; Invalid names the field url
	Pages          http.Handler                                                        // of pagePaths; they bound what they read. nil: there are none
	Logger         *slog.Logger
	Now            func() time.Time // default time.Now
	PublicURL      string           // no trailing slash; how partners reach the gateway
	TrustedProxies []string         // CIDRs whose X-Forwarded-For is believed; default none
	Limits         Limits           // default none
	// Measure, if given, is asked once for each route, and what it gives is told of each answer: its status and how long it took.
	// What no route answers has the route "" and no method.
	Measure func(method, route string) func(status int, took time.Duration)
}

// server answers the operations of the document.
type server struct {
	Options
	docs    func() ([]byte, error) // the page /docs, made when somebody asks for it
	gate    *gate
	guesses guesses
	outlook outlook
	measure measures
	texts   sync.Pool // of *jsonText, to write answers in
	briefs  booking.ByPlace[placeText]
}

var _ StrictServerInterface = (*server)(nil)

// New builds the API as one handler.
func New(o Options) (http.Handler, error) {
	if o.Service == nil || o.Tokens == nil || o.Verifier == nil || o.Ready == nil || o.Logger == nil || o.Webhooks == nil || o.NewWebhook == nil {
		return nil, errors.New("api: a part is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	contract, err := theContract()
	if err != nil {
		return nil, err
	}
	doc := contract.T
	s := &server{Options: o, gate: newGate(o.Limits.InFlight, o.Limits.EnterIn), docs: sync.OnceValues(func() ([]byte, error) { return page(doc) })}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false // a redirection would be an exit that is no problem+json
	e.UseRawPath = true             // a slash in a place's id is written %2F
	if err := e.SetTrustedProxies(o.TrustedProxies); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	e.NoRoute(func(c *gin.Context) { s.refuse(c, errNoRoute) })
	e.NoMethod(func(c *gin.Context) { s.refuse(c, errNoMethod) })
	e.Use(requestID, s.log, s.recover, headersOf())
	if s.Pages != nil { // before what asks for tokens and JSON; their links are secrets, and the log has the route only
		for _, path := range pagePaths {
			e.Any(path, unreferred, s.count, s.limit(maxBody), s.admit, s.page)
		}
	}
	e.POST("/notifications/:agenda", s.count, s.limit(maxNotification), s.admit, s.notified) // signed by each software in its own way
	guards := []gin.HandlerFunc{s.authenticate(doc), s.count, s.authorize(doc), s.hear, s.limit(maxBody), s.admit, s.validate(doc, contract.parameters, contract.bodies)}
	public := e.Group("/v1", fromAnywhere)
	public.Use(guards...)
	public.GET("/disponibilites.json", s.getOutlook)
	public.GET("/disponibilites.csv", s.getOutlookCSV)
	e.Use(guards...)
	e.GET("/openapi.yaml", func(c *gin.Context) { c.Data(http.StatusOK, "application/yaml; charset=utf-8", document) })
	e.GET("/docs", unreferred, s.showDocs)
	e.POST("/oauth/token", s.token)
	RegisterHandlersWithOptions(e, s.strict(), GinServerOptions{
		ErrorHandler: func(c *gin.Context, err error, _ int) { s.refuse(c, unreadable(err)) },
	})
	s.measure = measuresOf(e.Routes(), o.Measure)
	return headAsGet(e), nil
}

// promptPaths are the pages where people book, change and answer: they do not ask twice. pagePaths are all.
var (
	promptPaths = []string{
		"/demandes/*page", "/consentement", "/consentement/*page", "/reserver", "/orienter", "/orientations", "/reservations", "/reservations/*page", "/mes-rendez-vous", "/mes-rendez-vous/*page",
		"/rv/*page", "/code", "/structure", "/structure/*page",
	}
	pagePaths = append([]string{
		"/", "/lieux/*page", "/actifs/*page", "/dsfr/*page", "/connexion", "/connexion/*page", "/compte", "/compte/*page", "/deconnexion", "/calendriers/*page",
	}, promptPaths...)
)

// page hands a call to the pages, with the address of the caller as the trusted proxies say it.
func (s *server) page(c *gin.Context) {
	c.Request.RemoteAddr = address(c)
	s.Pages.ServeHTTP(c.Writer, c.Request)
}

// headAsGet answers HEAD wherever there is a GET (RFC 9110 §9.3.2): net/http leaves the body out by itself.
func headAsGet(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		h.ServeHTTP(w, r)
	})
}

// strict makes every exit of the generated server one of ours.
func (s *server) strict() ServerInterface {
	return NewStrictHandlerWithOptions(s, nil, StrictGinServerOptions{
		RequestErrorHandlerFunc:  func(c *gin.Context, err error) { s.refuse(c, unreadable(err)) },
		HandlerErrorFunc:         func(c *gin.Context, err error) { s.refuse(c, err) },
		ResponseErrorHandlerFunc: func(c *gin.Context, err error) { s.refuse(c, fmt.Errorf("api: write the answer: %w", err)) },
	})
}

// handling is the context that a handler of the document's operations is given: that of the request, and who calls.
type handling struct {
	context.Context
	principal any // auth.Principal; nil: nobody said
}

// lasting gives handlers a context that nobody else will use. gin takes its own back when the request ends, and hands
// it to the next one, while a query or a reading that was begun under it may still be looking at it.
func lasting(c *gin.Context) context.Context {
	p, _ := c.Get(keyPrincipal)
	return &handling{c.Request.Context(), p}
}

// Value implements context.Context.
func (h *handling) Value(key any) any {
	if key == keyPrincipal {
		return h.principal
	}
	return h.Context.Value(key)
}

// Prepare reads the document that New needs: for whoever has other work meanwhile.
func Prepare() error {
	_, err := theContract()
	return err
}

// contract is the document, and what requests are held against.
type contract struct {
	*openapi3.T
	parameters parameters
	bodies     bodies
}

// theContract is that of the program, which never changes. That its document is one of OpenAPI is for the tests to say: to check
// its examples would take more of each start than all else of this package.
var theContract = sync.OnceValues(func() (*contract, error) {
	doc, err := load(document)
	if err != nil {
		return nil, err
	}
	compile, err := compiler(doc)
	if err != nil {
		return nil, err
	}
	c := &contract{T: doc}
	if c.bodies, err = compileBodies(doc, compile); err != nil {
		return nil, err
	}
	c.parameters, err = compileParameters(doc)
	return c, err
})

func load(text []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("api: openapi.yaml: %w", err)
	}
	return doc, nil
}
