package rdvsptest

import (
	"strings"
)

// route is one way in. Its pattern is that of the documents too, to the name of each parameter.
type route struct {
	pattern string
	handle  func(*call) answer
}

// routes is all that the instance answers.
func (s *Server) routes() []route {
	list := []route{
		{"GET /{$}", s.home},
		{"GET /robots.txt", s.robots},
		{"GET /org/{organisation_id}", s.organisationLink},
		{"GET /org/{organisation_id}/{slug}", s.organisationLink},
		{"GET /org/ext/{territory}/{external_id}", s.externalLink},
		{"GET /org/ext/{territory}/{external_id}/{slug}", s.externalLink},
		{"GET /prendre_rdv", s.search},
		{"GET /oauth/authorize", s.authorize},
		{"POST /oauth/token", s.token},
	}
	for _, r := range []route{
		{"GET /api/v1/agents/me", s.me},
		{"GET /api/v1/organisations", s.listOrganisations},
		{"GET /api/v1/organisations/{organisation_id}/motifs", s.listMotifs},
		{"GET /api/v1/lieux", s.listLieux},
		{"GET /api/v1/users", s.listUsers},
		{"POST /api/v1/users", s.createUser},
		{"GET /api/v1/users/{user_id}", s.showUser},
		{"POST /api/v1/users/{user_id}/rdv_invitation_token", s.invitationToken},
		{"POST /api/v1/user_profiles", s.createProfile},
		{"GET /api/v1/rdvs", s.listRdvs},
		{"GET /api/v1/organisations/{organisation_id}/rdvs", s.listRdvs},
		{"PATCH /api/v1/participations/{id}", s.updateParticipation},
		{"PATCH /api/v1/rdvs/{id}/update_status", s.updateStatus},
		{"GET /api/v1/organisations/{organisation_id}/webhook_endpoints", s.listEndpoints},
		{"POST /api/v1/organisations/{organisation_id}/webhook_endpoints", s.createEndpoint},
		{"PATCH /api/v1/organisations/{organisation_id}/webhook_endpoints/{webhook_endpoint_id}", s.updateEndpoint},
	} {
		list = append(list, route{r.pattern, s.asAgent(r.handle)})
	}
	for _, r := range []route{
		{"GET /api/visioplainte/creneaux", s.partnerSlots},
		{"GET /api/visioplainte/creneaux/prochain", s.partnerNextSlot},
		{"GET /api/visioplainte/guichets", s.partnerDesks},
		{"GET /api/visioplainte/rdvs", s.partnerRdvs},
		{"POST /api/visioplainte/rdvs", s.partnerBook},
		{"PUT /api/visioplainte/rdvs/{id}/cancel", s.partnerCancel},
		{"DELETE /api/visioplainte/rdvs/{id}", s.partnerDelete},
	} {
		list = append(list, route{r.pattern, s.asPartner(r.handle)})
	}
	return list
}

// ofAPI reports whether a pattern is one of those that are counted.
func (r route) ofAPI() bool { return strings.Contains(r.pattern, " /api/v1/") }
