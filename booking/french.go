package booking

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// What people read, in letters and on pages, is said the same way everywhere: the words are here.

var (
	frenchDays   = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	frenchMonths = [...]string{
		"", "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
	}
)

// metropolitan is the zone that goes without saying.
const metropolitan = "Europe/Paris"

// InWords is an instant on the clocks of a zone, as it is said: "mardi 1er décembre 2026 à 10 h 00". Outside of
// metropolitan France it says whose clock is meant.
func InWords(t time.Time, zone *time.Location) string {
	return fmt.Sprintf("%s %d à %s%s", DayInWords(t, zone), t.In(zone).Year(), HourInWords(t, zone), clockInWords(zone))
}

// InFewWords is InWords in as many characters as a short message can spare: "mardi 1er décembre à 10h00". The year goes
// without saying.
func InFewWords(t time.Time, zone *time.Location) string {
	return DayInWords(t, zone) + " à " + strings.ReplaceAll(HourInWords(t, zone), " ", "") + clockInWords(zone)
}

// clockInWords says whose clock is meant, where it does not go without saying.
func clockInWords(zone *time.Location) string {
	if zone.String() == metropolitan {
		return ""
	}
	return " (heure du lieu)"
}

// DayInWords is the day of an instant on the calendar of a zone: "mardi 1er décembre".
func DayInWords(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %s", frenchDays[t.Weekday()], day, frenchMonths[t.Month()])
}

// HourInWords is an instant on the clocks of a zone: "10 h 00".
func HourInWords(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%d h %02d", t.Hour(), t.Minute())
}

// AgoInWords is how long ago something was: "à l'instant", "il y a 3 minutes", "il y a 2 jours". What lies ahead, by a clock
// that is a little late, is now.
func AgoInWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "à l'instant"
	case d < 2*time.Hour:
		return "il y a " + plural(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return "il y a " + plural(int(d/time.Hour), "heure")
	}
	return "il y a " + plural(int(d/(24*time.Hour)), "jour")
}

func plural(n int, word string) string {
	if n > 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

var modalities = map[Modality]string{
	OnSite: "sur place", ByPhone: "par téléphone", ByVideo: "en visioconférence", AtHome: "au domicile de la personne",
}

// InWords is how an appointment takes place, as it is said; another agenda's own word of it is left alone.
func (m Modality) InWords() string { return cmp.Or(modalities[m], string(m)) }

// LengthInWords is a duration as it is said, to the minute: "45 minutes", "1 heure 30".
func LengthInWords(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return plural(minutes, "minute")
	case minutes == 0:
		return plural(hours, "heure")
	}
	return fmt.Sprintf("%s %02d", plural(hours, "heure"), minutes)
}

// PhoneInDigits is a French number in E.164 as it is dialled and read aloud: "04 75 41 23 45". Others are left alone.
func PhoneInDigits(e164 string) string {
	for _, code := range []string{"+33", "+262", "+590", "+594", "+596"} {
		rest, ok := strings.CutPrefix(e164, code)
		if !ok || len(rest) != 9 || strings.Trim(rest, "0123456789") != "" {
			continue
		}
		rest = "0" + rest
		return strings.Join([]string{rest[:2], rest[2:4], rest[4:6], rest[6:8], rest[8:]}, " ")
	}
	return e164
}
