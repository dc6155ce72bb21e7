package hours

import "time"

// weekdays are the words for the days of the week, folded: OSM's, and English ones.
var weekdays = map[string]time.Weekday{
	"mo": time.Monday, "tu": time.Tuesday, "we": time.Wednesday, "th": time.Thursday,
	"fr": time.Friday, "sa": time.Saturday, "su": time.Sunday,
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday,
	"fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday,
	"friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
}

// months are OSM's words for the months, and English ones, folded.
var months = map[string]time.Month{
	"jan": time.January, "feb": time.February, "mar": time.March, "apr": time.April,
	"may": time.May, "jun": time.June, "jul": time.July, "aug": time.August,
	"sep": time.September, "oct": time.October, "nov": time.November, "dec": time.December,
	"january": time.January, "february": time.February, "march": time.March, "april": time.April,
	"june": time.June, "july": time.July, "august": time.August,
	"september": time.September, "october": time.October, "november": time.November, "december": time.December,
}

// sense is what a French word means in OSM's own words. Without text, it adds nothing.
type sense struct {
	kind kind
	text string
}

// frenchWords are the French words that can be read in one way only, folded. "mar" is not among them: it is a day
// in French and a month for OSM. Nor is "tous les jours", which may or may not be meant for Sunday.
var frenchWords = map[string]sense{
	"le": {}, "la": {}, "les": {}, "de": {}, "du": {}, "des": {}, "ouvert": {}, "ouverte": {}, "ouverture": {},
	"horaire": {}, "horaires": {},
	"au": {mark, "-"}, "a": {mark, "-"},
	"et": {mark, ","},
	"h":  {mark, "h"}, "heure": {mark, "h"}, "heures": {mark, "h"},
	"ferme": {word, "off"}, "fermee": {word, "off"}, "fermes": {word, "off"}, "fermeture": {word, "off"},
	"ferie": {word, "ph"}, "feries": {word, "ph"},
	"paques": {word, "easter"},

	"lu": {word, "mo"}, "lun": {word, "mo"}, "lundi": {word, "mo"}, "lundis": {word, "mo"},
	"ma": {word, "tu"}, "mardi": {word, "tu"}, "mardis": {word, "tu"},
	"me": {word, "we"}, "mer": {word, "we"}, "mercredi": {word, "we"}, "mercredis": {word, "we"},
	"je": {word, "th"}, "jeu": {word, "th"}, "jeudi": {word, "th"}, "jeudis": {word, "th"},
	"ve": {word, "fr"}, "ven": {word, "fr"}, "vendredi": {word, "fr"}, "vendredis": {word, "fr"},
	"sam": {word, "sa"}, "samedi": {word, "sa"}, "samedis": {word, "sa"},
	"di": {word, "su"}, "dim": {word, "su"}, "dimanche": {word, "su"}, "dimanches": {word, "su"},

	"janvier": {word, "jan"}, "janv": {word, "jan"}, "fevrier": {word, "feb"}, "fevr": {word, "feb"},
	"fev": {word, "feb"}, "mars": {word, "march"}, "avril": {word, "apr"}, "avr": {word, "apr"},
	"mai": {word, "may"}, "juin": {word, "jun"}, "juillet": {word, "jul"}, "juil": {word, "jul"},
	"aout": {word, "aug"}, "septembre": {word, "sep"}, "sept": {word, "sep"}, "octobre": {word, "oct"},
	"novembre": {word, "nov"}, "decembre": {word, "dec"},
}
