package web

import (
	"maps"
	"net/http"
)

// routes are the pages, by the patterns of http.ServeMux.
func (p *pages) routes() map[string]http.HandlerFunc {
	all := make(map[string]http.HandlerFunc)
	for _, some := range []map[string]http.HandlerFunc{p.ofEverybody(), p.ofLinks(), p.ofSignIn(), p.ofAidants(), p.ofStructures()} {
		maps.Copy(all, some)
	}
	return all
}

// ofEverybody are those that ask nobody who she is.
func (p *pages) ofEverybody() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /{$}":                           p.search,
		"GET /lieux/{id}":                    p.showPlace,
		"GET /actifs/{empreinte}/{nom}":      p.asset,
		"GET /dsfr/{empreinte}/{fichier...}": p.dsfrFile,
	}
}

// ofLinks are those whose address is a secret, which says who may see them.
func (p *pages) ofLinks() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /demandes/{jeton}":           p.show,
		"POST /demandes/{jeton}":          p.decide,
		"/demandes/{jeton}":               p.otherwise,
		"GET /consentement/{jeton}":       p.offerConsent,
		"GET /consentement":               p.takeConsent,
		"GET /rv/{jeton}":                 p.showHers,
		"GET /rv/{jeton}/rendez-vous.ics": p.calendarOfHers,
		"GET /rv/{jeton}/creneaux":        p.slotsForHers,
		"POST /rv/{jeton}/deplacement":    p.moveHers,
		"POST /rv/{jeton}/annulation":     p.cancelHers,
		"GET /calendriers/{jeton}":        p.serveCalendar,
	}
}

func (p *pages) ofSignIn() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /connexion":               p.offerSignIn,
		"GET /connexion/fournisseur":   p.toProvider,
		"GET /connexion/retour":        p.fromProvider,
		"POST /connexion/courriel":     p.sendLink,
		"GET /connexion/courriel":      p.leads("/connexion"), // where a form leads, opened again from the address bar; so below
		"GET /connexion/lien/{jeton}":  p.showLink,
		"POST /connexion/lien/{jeton}": p.takeLink,
		"GET /compte":                  p.showAccount,
		"POST /compte/lieux":           p.askForPlace,
		"GET /compte/lieux":            p.leads(home),
		"GET /compte/lien/{jeton}":     p.showPlaceLink,
		"POST /compte/lien/{jeton}":    p.takePlaceLink,
		"POST /deconnexion":            p.signOut,
		"GET /deconnexion":             p.leads(home),
	}
}

func (p *pages) ofAidants() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /reserver":                          p.choose,
		"POST /reservations":                     p.hold,
		"GET /reservations":                      p.leads("/"),
		"GET /reservations/{id}":                 p.showHold,
		"POST /reservations/{id}":                p.take,
		"GET /orienter":                          p.offerOrientation,
		"POST /orientations":                     p.orient,
		"GET /orientations":                      p.leads("/"),
		"GET /mes-rendez-vous":                   p.listMine,
		"GET /mes-rendez-vous/{id}":              p.showMine,
		"POST /mes-rendez-vous/{id}/annulation":  p.cancelMine,
		"POST /mes-rendez-vous/{id}/deplacement": p.moveMine,
		"POST /mes-rendez-vous/{id}/presence":    p.attendMine,
		"POST /mes-rendez-vous/{id}/issue":       p.conclude,
		"POST /code":                             p.codeOfAny,
		"GET /code":                              p.leads("/mes-rendez-vous"),
	}
}

func (p *pages) ofStructures() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /structure":                                    p.showStructures,
		"GET /structure/lieux/{id}":                         p.showDay,
		"POST /structure/lieux/{id}/code":                   p.codeAtPlace,
		"GET /structure/lieux/{id}/agenda":                  p.showAgendas,
		"GET /structure/lieux/{id}/agenda/{agenda}":         p.showAgenda,
		"POST /structure/lieux/{id}/agenda/{agenda}":        p.keepAgenda,
		"POST /structure/lieux/{id}/agenda/{agenda}/etat":   p.switchAgenda,
		"POST /structure/lieux/{id}/agenda/{agenda}/heures": p.blockHours,
		"GET /structure/lieux/{id}/calendrier":              p.showCalendar,
		"POST /structure/lieux/{id}/calendrier":             p.keepCalendar,
		"POST /structure/lieux/{id}/calendrier/liste":       p.keepEvening,
		"GET /structure/rendez-vous/{id}":                   p.showTheirs,
		"POST /structure/rendez-vous/{id}/reponse":          p.answerTheirs,
		"POST /structure/rendez-vous/{id}/presence":         p.attendTheirs,
		"POST /structure/rendez-vous/{id}/annulation":       p.cancelTheirs,
	}
}
