package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// GetResolution says what a booking URL is.
func (s *server) GetResolution(_ context.Context, r GetResolutionRequestObject) (GetResolutionResponseObject, error) {
	found := s.Service.Resolve(r.Params.Url)
	ids := found.IDs
	if ids == nil {
		ids = map[string]string{}
	}
	return GetResolution200JSONResponse{
		Url: connectors.Redact(r.Params.Url), Connecteur: text(found.Connector), Mode: Mode(found.Mode), Lien: text(found.Link),
		Identifiants: ids, Secret: found.Secret, Raison: found.Reason,
	}, nil
}

// GetConnecteurs lists the connectors.
func (s *server) GetConnecteurs(context.Context, GetConnecteursRequestObject) (GetConnecteursResponseObject, error) {
	out := GetConnecteurs200JSONResponse{Items: []Connecteur{}}
	for _, c := range s.Service.Connectors() {
		out.Items = append(out.Items, connectorOf(c))
	}
	return out, nil
}

func connectorOf(c booking.ConnectorState) Connecteur {
	out := Connecteur{Nom: c.Name, Agendas: c.Agendas, Etats: make(map[string]int), DernierSucces: when(c.Succeeded, time.UTC), Disjoncteur: Disjoncteur{
		Ferme: c.Breakers[booking.BreakerClosed], ALEssai: c.Breakers[booking.BreakerHalf], Ouvert: c.Breakers[booking.BreakerOpen],
	}}
	for _, state := range []booking.State{booking.Fresh, booking.Stale, booking.Unknown} {
		out.Etats[string(state)] = c.States[state]
	}
	if len(c.Took) > 0 {
		out.P95Ms = new(int(booking.Quantile(c.Took, 0.95).Milliseconds()))
	}
	return out
}

// GetJWKS publishes the keys of the tokens.
func (s *server) GetJWKS(ctx context.Context, _ GetJWKSRequestObject) (GetJWKSResponseObject, error) {
	text, err := s.Tokens.JWKS(ctx)
	if err != nil {
		return nil, err
	}
	var keys GetJWKS200JSONResponse
	if err := json.Unmarshal(text, &keys); err != nil {
		return nil, fmt.Errorf("api: jwks: %w", err)
	}
	return keys, nil
}

// GetLivez says that the process runs.
func (s *server) GetLivez(context.Context, GetLivezRequestObject) (GetLivezResponseObject, error) {
	return GetLivez200TextResponse("ok\n"), nil
}

// GetReadyz says whether the gateway can serve: the ledger, not the agendas, whose failure must not take it away.
func (s *server) GetReadyz(ctx context.Context, _ GetReadyzRequestObject) (GetReadyzResponseObject, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, &refusal{status: http.StatusServiceUnavailable, code: "pas_pret", detail: "La passerelle ne peut pas servir en ce moment.", err: err}
	}
	return GetReadyz200TextResponse("ok\n"), nil
}
