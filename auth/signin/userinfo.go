package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"golang.org/x/oauth2"
)

const (
	maxUserinfo = 64 << 10
	maxName     = 100 // letters
)

// person is what a provider says of somebody (OpenID Connect Core 1.0 §5.1; usual_name is ProConnect's).
type person struct {
	Subject string `json:"sub"`
	Email   string `json:"email"`
	Checked any    `json:"email_verified"` // absent: the provider does not say
	Given   string `json:"given_name"`
	Usual   string `json:"usual_name"`
	Family  string `json:"family_name"`
	Name    string `json:"name"`
}

// describe asks who somebody is, and believes it only of whom the id_token is about (§5.3.4).
func (p *Provider) describe(ctx context.Context, known *published, tokens *oauth2.Token, who *Identity) error {
	said, err := p.userinfo(ctx, known, tokens)
	if err != nil {
		return err
	}
	if said.Subject != who.Subject {
		return fmt.Errorf("%w: userinfo: about somebody else", ErrProvider)
	}
	if said.Checked != false && said.Checked != "false" { // an address that it has not checked is nobody's
		who.Address, _ = ParseAddress(said.Email)
	}
	family := said.Usual
	if family == "" {
		family = said.Family
	}
	who.Name = tidy(said.Given + " " + family)
	if who.Name == "" {
		who.Name = tidy(said.Name)
	}
	return nil
}

// tidy is a name on one line, as it may be shown anywhere.
func tidy(name string) string {
	words := strings.FieldsFunc(strings.ToValidUTF8(name, ""), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) })
	letters := []rune(strings.Join(words, " "))
	return string(letters[:min(len(letters), maxName)])
}

func (p *Provider) userinfo(ctx context.Context, known *published, tokens *oauth2.Token) (person, error) {
	var said person
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, known.userinfo, nil)
	if err != nil {
		return said, fmt.Errorf("%w: userinfo: its address is none", ErrProvider)
	}
	tokens.SetAuthHeader(request)
	answer, err := p.HTTP.Do(request)
	if err != nil {
		return said, fmt.Errorf("%w: userinfo: %s", ErrProvider, brief(err))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxUserinfo+1))
	if err != nil || len(text) > maxUserinfo || answer.StatusCode != http.StatusOK {
		return said, fmt.Errorf("%w: userinfo: %d, or it could not be read", ErrProvider, answer.StatusCode)
	}
	switch kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); {
	case kind == "application/jwt":
		signed, err := p.verify(ctx, known, strings.TrimSpace(string(text)), true)
		if err != nil {
			return said, fmt.Errorf("userinfo: %w", err)
		}
		err = signed.Claims(&said)
		return said, malformed(err)
	case p.Signed:
		return said, fmt.Errorf("%w: userinfo: it is not signed (%s): have it signed there, or set reponse_signee: non", ErrProvider, kind)
	}
	return said, malformed(json.Unmarshal(text, &said))
}

func malformed(err error) error {
	if err != nil {
		return fmt.Errorf("%w: userinfo: not what was expected", ErrProvider)
	}
	return nil
}
