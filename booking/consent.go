package booking

import (
	"context"

	"passerelle/connectors"
)

// Consent is the page on which somebody of a structure lets the gateway into its agenda; her browser comes back to back
// with the state. NotFound: there is no such agenda, or it asks for no consent.
func (s *Service) Consent(agenda, back, state string) (page string, err error) {
	c, err := s.consenter(agenda)
	if err != nil {
		return "", err
	}
	return c.Consent(back, state)
}

// Agree takes what that page has given. Refused: it is not, or no longer, good; nothing has changed.
func (s *Service) Agree(ctx context.Context, agenda, back, code string) (err error) {
	c, err := s.consenter(agenda)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.BookIn)
	defer cancel()
	defer unpanicked("agree", &err)
	if err := c.Agree(ctx, back, code); err != nil {
		return err
	}
	s.Logger.Info("a structure has let the gateway into its agenda", "agenda", agenda)
	return nil
}

func (s *Service) consenter(agenda string) (connectors.Consenter, error) {
	if a, ok := s.Agendas.ByID(agenda); ok {
		if c, ok := a.Diary.(connectors.Consenter); ok {
			return c, nil
		}
	}
	return nil, &Error{Kind: connectors.NotFound, Code: "agenda_inconnu", Detail: "Aucun agenda de ce nom ne demande d'autorisation."}
}
