package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// localTime is how HTML and settings write a time on the clock of a place.
const localTime = "2006-01-02T15:04"

// previewDay is what an agenda says of a day: when one may book, and why not at the other times.
type previewDay struct {
	Label string
	Lines []previewLine // none: closed
}

type previewLine struct {
	Hours, Words string
	Free         bool
	From, To     string // of what can be blocked with one press
}

const previewDays = 14

// preview reads an agenda now. Trouble is what is wrong with it, and what to do.
func (p *pages) preview(ctx context.Context, a *booking.Agenda, place *booking.Place) (days []previewDay, trouble string) {
	start := booking.Midnight(p.Now(), place.Zone)
	ctx, cancel := context.WithTimeout(ctx, p.Service.BookIn)
	defer cancel()
	all, err := p.Service.Availability.Explain(ctx, booking.AvailabilityQuery{Agenda: a, Place: place, Motifs: a.Motifs, Window: interval.Of(p.Now(), start.AddDate(0, 0, previewDays))})
	if err != nil {
		p.Logger.Info("an agenda cannot be read", "agenda", a.Agenda, "err", err)
		return nil, troubleInWords(err)
	}
	for i := range previewDays {
		day := start.AddDate(0, 0, i)
		d := previewDay{Label: booking.DayInWords(day, place.Zone)}
		for _, s := range all {
			if x := s.Clip(interval.Of(day, day.AddDate(0, 0, 1))); !x.Empty() {
				d.Lines = append(d.Lines, previewLineOf(s, x, place.Zone))
			}
		}
		days = append(days, d)
	}
	return days, ""
}

func previewLineOf(s booking.Stretch, x interval.Interval, zone *time.Location) previewLine {
	local := func(t time.Time) string { return t.In(zone).Format(localTime) }
	return previewLine{
		Hours: clock(x.StartTime(), zone) + "–" + clock(x.EndTime(), zone), Free: s.Why == booking.Free, From: local(x.StartTime()), To: local(x.EndTime()),
		Words: map[booking.Why]string{
			booking.Free: "libre", booking.Reserved: "pris par la passerelle", booking.Busy: "pris dans votre agenda", booking.Doubtful: "un événement ne peut pas être lu : rien n'y est proposé",
		}[s.Why],
	}
}

// troubleInWords is why an agenda cannot be read, for its structure.
func troubleInWords(err error) string {
	if errors.Is(err, booking.ErrNoHours) {
		return "Ni cet agenda ni le lieu ne disent quand on peut venir : donnez des heures de rendez-vous."
	}
	switch connectors.KindOf(err) {
	case connectors.Misconfigured:
		return "L'agenda refuse la passerelle. Vérifiez l'adresse, le compte, le mot de passe et le nom de l'agenda."
	case connectors.NotFound:
		return "Il n'y a pas d'agenda à cette adresse. Copiez-la de nouveau, en entier."
	case connectors.RateLimited:
		return "Le serveur de l'agenda demande d'attendre. Revenez dans quelques minutes."
	case connectors.Invalid:
		return "Ce que donne cette adresse n'est pas un agenda, ou pas en entier."
	}
	return "L'agenda ne répond pas, ou sa réponse n'est pas celle d'un agenda. Vérifiez l'adresse ; si elle est bonne, réessayez dans quelques minutes."
}

// closure is a time that an agenda kept here is closed, beside its week.
type closure struct{ From, To, Words string } // as the settings say them: a number would be another's once one is gone

// closuresOf lists those that are not over.
func closuresOf(a *booking.Agenda, zone *time.Location, now time.Time) (out []closure) {
	if a.Connector != "native" {
		return nil
	}
	s, _, _ := openingsOfNative(a.Settings)
	for _, e := range s.Exceptions {
		from, to, ok := e.span(zone)
		if !ok || e.Open || to.Before(now) {
			continue
		}
		out = append(out, closure{e.Start, e.End, "du " + booking.InWords(from, zone) + " au " + booking.InWords(to, zone)})
	}
	return out
}

// span is when an exception holds; false where it is a day in words that nobody can read.
func (e nativeException) span(zone *time.Location) (from, to time.Time, ok bool) {
	if strings.Contains(e.Start, "T") {
		from, err := time.ParseInLocation(localTime, e.Start, zone)
		to, err2 := time.ParseInLocation(localTime, e.End, zone)
		return from, to, err == nil && err2 == nil
	}
	last := e.End
	if last == "" {
		last = e.Start
	}
	from, err := time.ParseInLocation(time.DateOnly, e.Start, zone)
	to, err2 := time.ParseInLocation(time.DateOnly, last, zone)
	return from, to.AddDate(0, 0, 1), err == nil && err2 == nil
}

// block closes hours of an agenda that is kept here, or opens them again. In another the structure writes them itself.
func block(c *booking.Connection, form url.Values, zone *time.Location) (done string) {
	if c.Connector != "native" {
		return ""
	}
	var s nativeSettings
	if len(c.Settings) > 0 && json.Unmarshal(c.Settings, &s) != nil {
		return ""
	}
	e := nativeException{Start: form.Get("debut"), End: form.Get("fin")}
	from, to, ok := e.span(zone)
	switch {
	case !ok || !to.After(from):
		return ""
	case form.Has("rouvrir"):
		done = "rouvert" // if it was not there either: pressed twice
		s.Exceptions = slices.DeleteFunc(s.Exceptions, func(x nativeException) bool { return x == e })
	default:
		done = "bloque"
		if !slices.Contains(s.Exceptions, e) {
			s.Exceptions = append(s.Exceptions, e)
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	c.Settings = text
	return done
}

func (p *pages) blockHours(w http.ResponseWriter, r *http.Request) { p.changeAgenda(w, r, block) }

// agendaDone is what was done just now, as far as it is so; of hours that were closed also what stands in them.
func (p *pages) agendaDone(r *http.Request, a *booking.Agenda, place *booking.Place) (done string, standing []structureLine) {
	q := r.URL.Query()
	e := nativeException{Start: q.Get("debut"), End: q.Get("fin")}
	s, _, _ := openingsOfNative(a.Settings)
	closed := slices.Contains(s.Exceptions, e)
	switch fait := q.Get("fait"); {
	case fait == "garde" && signin.CheckProof(cookie(r, sessionCookie), asKept(a), q.Get("preuve")):
		return "C'est enregistré.", nil
	case fait == "publie" && !a.Draft && !a.Paused:
		return "C'est publié : on peut réserver.", nil
	case fait == "pause" && a.Paused:
		return "C'est en pause : on ne peut plus réserver.", nil
	case fait == "bloque" && closed:
		return "Ces heures sont bloquées : personne ne peut plus les réserver.", p.standing(r.Context(), a, place, e)
	case fait == "rouvert" && !closed:
		return "Ces heures sont de nouveau ouvertes.", nil
	}
	return "", nil
}

// standing lists the appointments of an agenda in hours that are closed: to close them cancels none.
func (p *pages) standing(ctx context.Context, a *booking.Agenda, place *booking.Place, e nativeException) (out []structureLine) {
	from, to, _ := e.span(place.Zone)
	all, err := p.Register.AtPlace(ctx, place.Names(), interval.Of(from, to))
	if err != nil {
		p.Logger.Error("the appointments of a place could not be listed", "lieu", place.ID, "err", err)
	}
	for _, x := range all {
		if x.Agenda == a.Agenda && x.Status.Occupies() {
			out = append(out, p.structureLine(x, place, booking.InWords(x.StartTime(), place.Zone)))
		}
	}
	return out
}
