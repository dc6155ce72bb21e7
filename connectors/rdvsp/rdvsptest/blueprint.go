package rdvsptest

import (
	"regexp"
	"strconv"
	"strings"
)

// One shape of each thing serves the answers and the webhooks.

func (o Organisation) shape() resource {
	return resource{"id": o.ID, "email": nil, "name": o.Name, "phone_number": nil, "verticale": o.Verticale}
}

func (a Agent) shape() resource {
	return resource{"id": a.ID, "email": textOrNil(a.Email), "first_name": textOrNil(a.FirstName), "last_name": textOrNil(a.LastName)}
}

func (m Motif) shape() resource {
	var category any
	if c := m.Category; c != nil {
		category = resource{"id": c.ID, "name": c.Name, "short_name": c.ShortName}
	}
	publicly := m.BookableBy == "everyone" || m.BookableBy == "agents_and_prescripteurs_and_invited_users"
	return resource{
		"id": m.ID, "bookable_by": m.BookableBy, "bookable_publicly": publicly, "collectif": m.Collective, "deleted_at": nil,
		"follow_up": false, "instruction_for_rdv": nil, "location_type": m.LocationType, "motif_category": category,
		"name": m.Name, "organisation_id": m.Organisation, "service_id": nil,
	}
}

func (l Lieu) shape() resource {
	return resource{"id": l.ID, "address": l.Address, "name": l.Name, "organisation_id": l.Organisation, "phone_number": nil, "single_use": false}
}

// userShape is of a person; only the route of one person lists her organisations.
func (s *Server) userShape(u *User, profiles bool) resource {
	shape := resource{
		"id": u.ID, "address": textOrNil(u.Address), "address_details": nil, "affiliation_number": nil,
		"birth_date": textOrNil(u.BirthDate), "birth_name": nil, "created_at": s.stamp(u.CreatedAt), "email": textOrNil(u.Email),
		"first_name": u.FirstName, "invitation_accepted_at": nil, "invitation_created_at": nil, "last_name": u.LastName,
		"notification_email": nil, "notify_by_email": u.NotifyByEmail, "notify_by_sms": u.NotifyBySMS,
		"phone_number": textOrNil(u.Phone), "phone_number_formatted": textOrNil(formatted(u.Phone)),
		"responsible": nil, "responsible_id": nil, "user_profiles": nil,
	}
	if profiles {
		list := []resource{}
		for _, id := range u.Organisations {
			list = append(list, resource{"organisation": s.organisations[id].shape()})
		}
		shape["user_profiles"] = list
	}
	return shape
}

var notDigit = regexp.MustCompile(`[^0-9]`)

// formatted is a French number in E.164; empty when it is none.
func formatted(phone string) string {
	digits := notDigit.ReplaceAllString(phone, "")
	digits = strings.TrimPrefix(strings.TrimPrefix(digits, "33"), "0")
	if len(digits) != 9 {
		return ""
	}
	return "+33" + digits
}

// author is who made something, as it was called before there were types.
func author(kind string) string {
	if kind == "FileAttente" {
		return "file_attente"
	}
	return strings.ToLower(kind)
}

// rdvShape is of an appointment. The name of who prescribes it is nowhere.
func (s *Server) rdvShape(r *Rdv) resource {
	var lieu any
	address := "" // and not null
	if l, ok := s.lieux[r.Lieu]; ok {
		lieu, address = l.shape(), l.Address
	}
	if s.motifs[r.Motif].LocationType == "home" && len(r.Participations) > 0 {
		address = s.users[r.Participations[0].User].Address
	}
	parts, users := []resource{}, []resource{}
	for _, p := range r.Participations {
		user := s.userShape(s.users[p.User], false)
		parts = append(parts, resource{
			"id": p.ID, "created_by": author(p.CreatedByType), "created_by_agent_prescripteur": false, "created_by_id": p.CreatedByID,
			"created_by_type": p.CreatedByType, "send_lifecycle_notifications": true, "send_reminder_notification": true,
			"status": p.Status, "user": user,
		})
		users = append(users, user)
	}
	return resource{
		"id": r.ID, "address": address, "agents": []resource{s.agents[r.Agent].shape()}, "cancelled_at": s.stampOrNil(r.CancelledAt),
		"collectif": r.Collective, "context": nil, "created_at": s.stamp(r.CreatedAt), "created_by": author(r.CreatedByType),
		"created_by_id": r.CreatedByID, "created_by_type": r.CreatedByType, "duration_in_min": r.Minutes,
		"ends_at": s.stamp(r.End()), "lieu": lieu, "max_participants_count": nil, "motif": s.motifs[r.Motif].shape(), "name": nil,
		"organisation": s.organisations[r.Organisation].shape(), "participations": parts, "starts_at": s.stamp(r.Start),
		"status": r.Status, "url_for_agents": s.publicURL() + "/agents/rdvs/" + strconv.Itoa(r.ID), "users": users,
		"users_count": r.seats(), "uuid": r.uuid(),
	}
}
