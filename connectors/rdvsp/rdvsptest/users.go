package rdvsptest

import (
	"slices"
	"strings"
)

func (s *Server) listUsers(c *call) answer {
	var list []resource
	for _, u := range sorted(s.users) {
		if c.knows(u) && (c.given["ids"] == nil || slices.Contains(c.numbers("ids"), u.ID)) {
			list = append(list, s.userShape(u, false))
		}
	}
	return listed(c, "users", list)
}

// knows reports whether a person has come to one of the agent's organisations.
func (c *call) knows(u *User) bool { return slices.ContainsFunc(u.Organisations, c.can) }

// createUser refuses an e-mail that anybody has, in whatever organisation, and says who: she can then be attached
// with a profile.
func (s *Server) createUser(c *call) answer {
	organisations := c.numbers("organisation_ids")
	for _, id := range organisations {
		if !c.can(id) {
			return forbidden()
		}
	}
	u := &User{
		FirstName: c.text("first_name"), LastName: c.text("last_name"), Email: strings.ToLower(c.text("email")),
		Phone: c.text("phone_number"), Address: c.text("address"), BirthDate: c.text("birth_date"), Organisations: organisations,
		NotifyBySMS: c.flag("notify_by_sms", true), NotifyByEmail: c.flag("notify_by_email", true), CreatedAt: s.now(),
	}
	var wrong []fieldError
	if strings.TrimSpace(u.LastName) == "" {
		wrong = append(wrong, blank("last_name"))
	}
	if strings.TrimSpace(u.FirstName) == "" {
		wrong = append(wrong, blank("first_name"))
	}
	if len(organisations) == 0 {
		wrong = append(wrong, blank("organisation_ids"))
	}
	if other := s.withEmail(u.Email); other != nil {
		wrong = append(wrong, fieldError{"email", "est déjà utilisé", resource{"error": "taken", "id": other.ID}})
	}
	if len(wrong) > 0 {
		return unprocessable(wrong...)
	}
	s.identify(&u.ID)
	s.users[u.ID] = u
	return ok(document{{"user", s.userShape(u, false)}})
}

func (s *Server) withEmail(email string) *User {
	for _, u := range sorted(s.users) {
		if email != "" && strings.EqualFold(u.Email, email) {
			return u
		}
	}
	return nil
}

// visible is the person of the path, or the refusal.
func (s *Server) visible(c *call) (*User, answer) {
	u, there := s.users[c.id("user_id")]
	switch {
	case !there:
		return nil, missing("user")
	case !c.knows(u):
		return nil, forbidden()
	}
	return u, answer{}
}

func (s *Server) showUser(c *call) answer {
	u, refused := s.visible(c)
	if u == nil {
		return refused
	}
	return ok(document{{"user", s.userShape(u, true)}})
}

// invitationToken is made once per person and works for ever: it is a secret that says who she is.
func (s *Server) invitationToken(c *call) answer {
	u, refused := s.visible(c)
	if u == nil {
		return refused
	}
	if u.invitation == "" {
		u.invitation = s.randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 8)
	}
	return ok(document{{"invitation_token", u.invitation}})
}

// createProfile attaches a person to an organisation, whatever others she has come to.
func (s *Server) createProfile(c *call) answer {
	organisation := c.number("organisation_id")
	u, there := s.users[c.number("user_id")]
	switch {
	case !c.can(organisation):
		return forbidden()
	case !there:
		return unprocessable(fieldError{"user", "doit exister", resource{"error": "blank"}})
	case slices.Contains(u.Organisations, organisation):
		return unprocessable(fieldError{"user", "est déjà utilisé", resource{"error": "taken"}})
	}
	u.Organisations = append(u.Organisations, organisation)
	return ok(document{{"user_profile", resource{
		"organisation": s.organisations[organisation].shape(), "user": s.userShape(u, false),
	}}})
}

func (s *Server) randomText(alphabet string, length int) string {
	text := make([]byte, length)
	for i := range text {
		text[i] = alphabet[s.random.IntN(len(alphabet))]
	}
	return string(text)
}
