package api

import (
	"context"

	"passerelle/auth"
)

// GetMetadonnees says to OAuth libraries how tokens are asked for (RFC 8414).
func (s *server) GetMetadonnees(context.Context, GetMetadonneesRequestObject) (GetMetadonneesResponseObject, error) {
	out := MetadonneesOAuth{
		Issuer: s.Tokens.Issuer(), TokenEndpoint: s.PublicURL + "/oauth/token", JwksUri: s.PublicURL + "/.well-known/jwks.json",
		ServiceDocumentation: s.PublicURL + "/docs", GrantTypesSupported: []string{"client_credentials"}, ResponseTypesSupported: []string{},
		TokenEndpointAuthMethodsSupported: auth.AuthMethods(), TokenEndpointAuthSigningAlgValuesSupported: []string{auth.EdDSA, auth.ES256},
	}
	for _, scope := range auth.AllScopes() {
		out.ScopesSupported = append(out.ScopesSupported, string(scope))
	}
	return GetMetadonnees200JSONResponse(out), nil
}
