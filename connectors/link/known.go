package link

import (
	"net/url"
	"strings"
)

// site is a page that many places publish: what the person will find there.
type site struct {
	host string // the host, or a domain above it
	path string // start of the path, at the boundary of a segment; empty is any
	what string // one sentence in French
}

// Sentences by kind of site. They end at the name, in front of the common second half.
func booking(name string) string {
	return "Réservation chez " + name + " : ce logiciel n'est pas encore raccordé, le rendez-vous se prend sur sa page."
}

func form(name string) string {
	return "Formulaire " + name + " : la demande se fait sur sa page, sans choix de créneau vérifiable."
}

func social(name string) string {
	return "Page " + name + " : un réseau social n'est pas une page de rendez-vous."
}

func short(name string) string {
	return "Adresse raccourcie (" + name + ") : ce vers quoi elle mène n'est pas vérifié. Publiez l'adresse complète."
}

func events(name string) string {
	return "Programme ou billetterie " + name + " : l'inscription se fait sur sa page."
}

// sites is looked through in order: a path comes before the whole host.
var sites = []site{
	{"doctolib.fr", "", booking("Doctolib")},
	{"calendly.com", "", booking("Calendly")},
	{"cal.com", "", booking("Cal.com")},
	{"synbird.com", "", booking("Synbird")},
	{"clicrdv.com", "", booking("clicRDV")},
	{"simplybook.it", "", booking("SimplyBook")},
	{"simplybook.me", "", booking("SimplyBook")},
	{"rdv360.com", "", booking("RDV360")},
	{"esii-orion.com", "", booking("ESII")},
	{"reservio.com", "", booking("Reservio")},
	{"setmore.com", "", booking("Setmore")},
	{"youcanbook.me", "", booking("YouCanBookMe")},
	{"acuityscheduling.com", "", booking("Acuity")},
	{"zcal.co", "", booking("zcal")},
	{"koalendar.com", "", booking("Koalendar")},
	{"book.ms", "", booking("Outlook Bookings")},
	{"outlook.office365.com", "/book", booking("Outlook Bookings")},
	{"outlook.office365.com", "/owa/calendar", booking("Outlook Bookings")},
	{"outlook.office.com", "/book", booking("Outlook Bookings")},
	{"outlook.office.com", "/bookwithme", booking("Outlook Bookings")},
	{"calendar.app.google", "", booking("Google Agenda (plages de rendez-vous)")},
	{"calendar.google.com", "/calendar/appointments", booking("Google Agenda (plages de rendez-vous)")},
	{"calendar.google.com", "/calendar/u/0/appointments", booking("Google Agenda (plages de rendez-vous)")},
	{"ternum-bfc.fr", "/oprdv", booking("OPRDV")},

	{"forms.gle", "", form("Google Forms")},
	{"docs.google.com", "/forms", form("Google Forms")},
	{"forms.office.com", "", form("Microsoft Forms")},
	{"forms.microsoft.com", "", form("Microsoft Forms")},
	{"typeform.com", "", form("Typeform")},
	{"airtable.com", "", form("Airtable")},
	{"framaforms.org", "", form("Framaforms")},
	{"tally.so", "", form("Tally")},
	{"jotform.com", "", form("Jotform")},
	{"grist.numerique.gouv.fr", "", form("Grist")},
	{"demarches-simplifiees.fr", "", form("Démarches simplifiées")},
	{"demarche.numerique.gouv.fr", "", form("Démarche numérique")},

	{"openagenda.com", "", events("OpenAgenda")},
	{"linscription.com", "", events("L'inscription")},
	{"helloasso.com", "", events("HelloAsso")},
	{"eventbrite.fr", "", events("Eventbrite")},
	{"eventbrite.com", "", events("Eventbrite")},
	{"billetweb.fr", "", events("Billetweb")},

	{"facebook.com", "", social("Facebook")},
	{"fb.me", "", social("Facebook")},
	{"instagram.com", "", social("Instagram")},
	{"linkedin.com", "", social("LinkedIn")},
	{"twitter.com", "", social("X")},
	{"x.com", "", social("X")},
	{"youtube.com", "", social("YouTube")},

	{"bit.ly", "", short("bit.ly")},
	{"tinyurl.com", "", short("TinyURL")},
	{"urlz.fr", "", short("urlz.fr")},
	{"urlr.me", "", short("urlr.me")},
	{"cutt.ly", "", short("cutt.ly")},
	{"goo.gl", "", short("goo.gl")},
	{"t.co", "", short("t.co")},
	{"ow.ly", "", short("ow.ly")},
	{"rb.gy", "", short("rb.gy")},
	{"lc.cx", "", short("lc.cx")},
}

// documents are file types that a person downloads instead of booking.
var documents = []string{".pdf", ".doc", ".docx", ".odt", ".xls", ".xlsx", ".ods", ".jpg", ".jpeg", ".png"}

// describe says in one sentence what a person will find behind u, and whether that is the front page of a site that many
// places use: what stands below its name (exemple.simplybook.it) is one place's own.
func describe(u *url.URL) (what string, home bool) {
	host, path := strings.ToLower(u.Hostname()), strings.ToLower(u.Path)
	front := strings.Trim(path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
	for _, s := range sites {
		if under(host, s.host) && startsWith(path, s.path) {
			return s.what, front && strings.TrimPrefix(host, "www.") == s.host
		}
	}
	for _, ending := range documents {
		if strings.HasSuffix(path, ending) {
			return "Document à télécharger (" + strings.TrimPrefix(ending, ".") + ") : ce n'est pas une page de rendez-vous.", false
		}
	}
	if front {
		return "Page d'accueil d'un site : elle ne mène pas à la prise de rendez-vous.", false
	}
	return "Page d'un site : la demande s'y fait à la main.", false
}

// under reports whether host is domain or a name below it.
func under(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

func startsWith(path, start string) bool {
	rest, ok := strings.CutPrefix(path, start)
	return ok && (rest == "" || start == "" || rest[0] == '/')
}
