package rdvsptest

import (
	"mime"
	"net/http"
)

// token gives tokens for a code, or for a token to refresh. It takes a form and nothing else.
func (s *Server) token(c *call) answer {
	app := s.o.Application
	kind, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case kind != "application/x-www-form-urlencoded":
		return answer{status: http.StatusUnsupportedMediaType, body: resource{}}
	case app.ID == "" || c.text("client_id") != app.ID || c.text("client_secret") != app.Secret:
		return oauthError(http.StatusUnauthorized, "invalid_client")
	case c.URL.RawQuery != "":
		return oauthError(http.StatusBadRequest, "invalid_request") // secrets do not belong in an address
	}
	switch c.text("grant_type") {
	case "authorization_code":
		return s.exchange(c)
	case "refresh_token":
		return s.refresh(c)
	}
	return oauthError(http.StatusBadRequest, "unsupported_grant_type")
}

func (s *Server) exchange(c *call) answer {
	given, known := s.grants.codes[c.text("code")]
	delete(s.grants.codes, c.text("code"))
	if !known || given.redirect != c.text("redirect_uri") || !s.now().Before(given.at.Add(codeLasts)) {
		return oauthError(http.StatusBadRequest, "invalid_grant")
	}
	return s.issueToken(given.agent, "")
}

// refresh gives a new pair. The old one dies with it, or when the new token is used for the first time: a client that
// lost the answer may then ask again.
func (s *Server) refresh(c *call) answer {
	for _, t := range s.grants.tokens {
		if t.refresh == "" || t.refresh != c.text("refresh_token") || t.revoked {
			continue
		}
		if s.o.StrictRefresh {
			t.revoked = true
		}
		return s.issueToken(t.agent, t.access)
	}
	return oauthError(http.StatusBadRequest, "invalid_grant")
}

func (s *Server) issueToken(agent int, previous string) answer {
	t := &token{
		agent: agent, access: s.randomText(secretAlphabet, 43), refresh: s.randomText(secretAlphabet, 43),
		previous: previous, at: s.now(),
	}
	s.grants.tokens[t.access] = t
	return ok(document{
		{"access_token", t.access},
		{"token_type", "Bearer"},
		{"expires_in", int(tokenLasts.Seconds())},
		{"refresh_token", t.refresh},
		{"scope", "write"},
		{"created_at", t.at.Unix()},
	}).with("Cache-Control", "no-store")
}

func oauthError(status int, code string) answer {
	return answer{status: status, body: document{{"error", code}, {"error_description", "La demande est refusée."}}}
}
