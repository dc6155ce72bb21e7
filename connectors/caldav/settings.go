package caldav

import (
	"encoding/base64"
	"errors"
	"strings"

	"passerelle/connectors/icalendar"
)

// Settings are how the calendar is entered, and what its events mean.
type Settings struct {
	User     string `json:"compte"`
	Password string `json:"mot_de_passe"` // of the application, where the server has such
	Token    string `json:"jeton"`        // bearer token, instead of both
	Calendar string `json:"calendrier"`   // its name as the server shows it, where the address leads to several
	icalendar.Settings
}

// Diary tells apart the calendars behind one address.
func (s Settings) Diary() string { return s.User + "\x00" + s.Calendar }

// authorization is the header that opens the calendar (RFC 7617 in UTF-8, RFC 6750); empty for a server that asks nothing.
func (s Settings) authorization() (string, error) {
	switch {
	case s.Token != "" && (s.User != "" || s.Password != ""):
		return "", errors.New("jeton: it stands instead of compte and mot_de_passe, not beside them")
	case strings.ContainsAny(s.Token, "\r\n") || strings.ContainsAny(s.User+s.Password, "\r\n\x00"):
		return "", errors.New("compte, mot_de_passe, jeton: they are of one line")
	case strings.Contains(s.User, ":"):
		return "", errors.New("compte: a colon cannot stand in it")
	case (s.User == "") != (s.Password == ""):
		return "", errors.New("compte and mot_de_passe go together")
	case s.Token != "":
		return "Bearer " + s.Token, nil
	case s.User != "":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(s.User+":"+s.Password)), nil
	}
	return "", nil
}
