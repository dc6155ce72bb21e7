package api

import (
	"context"
	"net/http"
	"strings"

	"passerelle/booking"
	"passerelle/connectors"
)

// PostRendezVous books.
func (s *server) PostRendezVous(ctx context.Context, r PostRendezVousRequestObject) (PostRendezVousResponseObject, error) {
	b, err := bookingOf(*r.Body, s.Now())
	if err != nil {
		return nil, err
	}
	done, err := s.serviceFor(ctx).Book(ctx, call(ctx, "POST /v1/rendez-vous", r.Params.IdempotencyKey), b)
	if err != nil {
		return nil, err
	}
	if done.Status == http.StatusAccepted {
		return PostRendezVous202JSONResponse{s.unsettled(done)}, nil
	}
	return PostRendezVous201JSONResponse{s.settled(done)}, nil
}

// PostAnnulation cancels.
func (s *server) PostAnnulation(ctx context.Context, r PostAnnulationRequestObject) (PostAnnulationResponseObject, error) {
	var wrong faults
	if wrong.text("raison", r.Body.Raison); wrong != nil {
		return nil, wrong.err()
	}
	done, err := s.Service.Cancel(ctx, call(ctx, "POST /v1/rendez-vous/"+r.Id+"/annulation", r.Params.IdempotencyKey), r.Id,
		booking.Ending{By: booking.Actor(r.Body.Par), Reason: booking.Words(r.Body.Raison)})
	if err != nil {
		return nil, err
	}
	if done.Status == http.StatusAccepted {
		return PostAnnulation202JSONResponse{s.unsettled(done)}, nil
	}
	return PostAnnulation200JSONResponse{s.settled(done)}, nil
}

// PostDeplacement takes another slot for the same person; what it answers is the new appointment.
func (s *server) PostDeplacement(ctx context.Context, r PostDeplacementRequestObject) (PostDeplacementResponseObject, error) {
	done, err := s.serviceFor(ctx).Move(ctx, call(ctx, "POST /v1/rendez-vous/"+r.Id+"/deplacement", r.Params.IdempotencyKey), r.Id, r.Body.CreneauId)
	if err != nil {
		return nil, err
	}
	if done.Status == http.StatusAccepted {
		return PostDeplacement202JSONResponse{s.unsettled(done)}, nil
	}
	return PostDeplacement201JSONResponse{s.settled(done)}, nil
}

// PostPresence says whether the person came.
func (s *server) PostPresence(ctx context.Context, r PostPresenceRequestObject) (PostPresenceResponseObject, error) {
	done, err := s.Service.Attend(ctx, call(ctx, "POST /v1/rendez-vous/"+r.Id+"/presence", r.Params.IdempotencyKey), r.Id, booking.Status(r.Body.Statut))
	if err != nil {
		return nil, err
	}
	return PostPresence200JSONResponse{s.settled(done)}, nil
}

// GetRendezVous reads one; with .ics behind its id, as a calendar.
func (s *server) GetRendezVous(ctx context.Context, r GetRendezVousRequestObject) (GetRendezVousResponseObject, error) {
	id, calendar := strings.CutSuffix(r.Id, ".ics")
	a, err := s.Service.Appointment(ctx, partner(ctx), id)
	switch {
	case err != nil:
		return nil, err
	case calendar && a.Interval.Empty():
		return nil, &booking.Error{Kind: connectors.Refused, Code: "sans_heure", Detail: "Personne n'a encore dit l'heure de ce rendez-vous."}
	case calendar:
		return s.calendar(a), nil
	}
	return GetRendezVous200JSONResponse{ReponseRendezVousJSONResponse{Body: s.appointment(a)}}, nil
}

// GetListeDeRendezVous lists the partner's.
func (s *server) GetListeDeRendezVous(ctx context.Context, r GetListeDeRendezVousRequestObject) (GetListeDeRendezVousResponseObject, error) {
	p := r.Params
	f := booking.AppointmentFilter{
		ModifiedSince: value(p.ModifieApres), Reference: value(p.Reference),
		Limit: *p.Size, Offset: (*p.Page - 1) * *p.Size,
	}
	if p.LieuId != nil {
		f.Place = s.lookUp(*p.LieuId).ID // an alias will do
	}
	for _, wanted := range value(p.Statut) {
		for _, have := range booking.Statuses() {
			if have.Wire() == string(wanted) {
				f.Statuses = append(f.Statuses, have)
			}
		}
	}
	found, total, err := s.Service.Appointments(ctx, partner(ctx), f)
	if err != nil {
		return nil, err
	}
	page := booking.Page[RendezVous]{Items: make([]RendezVous, len(found)), Total: total, Page: *p.Page, Size: *p.Size}
	for i, a := range found {
		page.Items[i] = s.appointment(a)
	}
	return GetListeDeRendezVous200JSONResponse{Items: page.Items, Total: total, Page: page.Page, Size: page.Size, Pages: page.Pages()}, nil
}

func (s *server) settled(done booking.Result) ReponseRendezVousJSONResponse {
	return ReponseRendezVousJSONResponse{
		Body:    s.appointment(done.Appointment),
		Headers: ReponseRendezVousResponseHeaders{Location: location(done), IdempotencyReplayed: replayed(done)},
	}
}

func (s *server) unsettled(done booking.Result) RendezVousIncertainJSONResponse {
	return RendezVousIncertainJSONResponse{
		Body:    s.appointment(done.Appointment),
		Headers: RendezVousIncertainResponseHeaders{Location: location(done), RetryAfter: text("30"), IdempotencyReplayed: replayed(done)},
	}
}

func location(done booking.Result) *string { return text("/v1/rendez-vous/" + done.Appointment.ID) }

func (s *server) appointment(a booking.Appointment) RendezVous {
	p := s.lookUp(a.Place)
	guarantee := Garantie(a.Guarantee)
	out := RendezVous{
		Id: a.ID, Reference: text(a.Reference), Statut: Statut(a.Status.Wire()), CreeLe: in(a.Created, p.Zone), ModifieLe: in(a.Modified, p.Zone),
		Version: a.Version, Lieu: brief(p), Nombre: a.Seats, Garantie: &guarantee, ExpireLe: when(a.Expires, p.Zone),
		AccueilDemande: []string{}, Remplace: text(a.Replaces), RemplacePar: text(a.ReplacedBy), Notifications: make([]Notification, len(a.Notices)),
	}
	if a.Motif.ID != "" {
		m := motifOfSlot(a.Motif)
		out.Motif = &m
	}
	if !a.Interval.Empty() {
		at := s.taken(a)
		out.Creneau, out.LienIcs = &at, text(s.PublicURL+"/v1/rendez-vous/"+a.ID+".ics")
	}
	for i, n := range a.Notices {
		out.Notifications[i] = Notification{
			A: NotificationA(n.To), Objet: NotificationObjet(n.About), Canal: NotificationCanal(n.Channel), Etat: NotificationEtat(n.State),
		}
	}
	if a.Ended.By != "" && !a.Status.Occupies() { // while it is under way, it may still be refused
		out.Annulation = &struct {
			Par    Acteur  `json:"par"`
			Raison *string `json:"raison"`
		}{Acteur(a.Ended.By), text(a.Ended.Reason)}
	}
	if a.Details != nil {
		out.withDetails(*a.Details)
	}
	return out
}
