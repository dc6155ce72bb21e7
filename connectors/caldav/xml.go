package caldav

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"passerelle/connectors"
)

// multistatus is an answer to PROPFIND or REPORT (RFC 4918 §14.16), as far as it is read.
type multistatus struct {
	XMLName   xml.Name   `xml:"DAV: multistatus"`
	Responses []response `xml:"DAV: response"`
	SyncToken string     `xml:"DAV: sync-token"` // RFC 6578 §6.4
}

type response struct {
	Href   string     `xml:"DAV: href"`
	Status string     `xml:"DAV: status"`
	Stats  []propstat `xml:"DAV: propstat"`
}

type propstat struct {
	Status string     `xml:"DAV: status"`
	Prop   properties `xml:"DAV: prop"`
}

// properties are those that are asked for.
type properties struct {
	ETag        string    `xml:"DAV: getetag"`
	Data        *string   `xml:"urn:ietf:params:xml:ns:caldav calendar-data"`
	DisplayName string    `xml:"DAV: displayname"`
	Type        typeNames `xml:"DAV: resourcetype"`
	Principal   hrefs     `xml:"DAV: current-user-principal"`
	HomeSet     hrefs     `xml:"urn:ietf:params:xml:ns:caldav calendar-home-set"`
	Components  struct {
		List []component `xml:"urn:ietf:params:xml:ns:caldav comp"`
	} `xml:"urn:ietf:params:xml:ns:caldav supported-calendar-component-set"`
}

type component struct {
	Name string `xml:"name,attr"`
}

type typeNames struct {
	Collection *struct{} `xml:"DAV: collection"`
	Calendar   *struct{} `xml:"urn:ietf:params:xml:ns:caldav calendar"`
}

type hrefs struct {
	List []string `xml:"DAV: href"`
}

// parseMultistatus reads an answer whole: one that ends too early, or is something else, is Unavailable. Entities are
// never expanded: encoding/xml knows the five of XML alone. Characters that XML cannot hold, which servers copy from
// events, do not make the calendar unreadable.
func parseMultistatus(body []byte) (multistatus, error) {
	m, err := decodeMultistatus(body)
	if err == nil {
		return m, nil
	}
	if mended := mend(body); !bytes.Equal(mended, body) {
		return decodeMultistatus(mended)
	}
	return m, err
}

func decodeMultistatus(body []byte) (multistatus, error) {
	var m multistatus
	d := xml.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&m); err != nil {
		return m, failed("read", connectors.Unavailable, errors.New("the answer is no multistatus"))
	}
	for {
		switch token, err := d.Token(); t := token.(type) {
		case nil:
			if errors.Is(err, io.EOF) {
				return m, nil
			}
			return m, failed("read", connectors.Unavailable, errors.New("what follows the multistatus is no XML"))
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return m, failed("read", connectors.Unavailable, errors.New("something follows the multistatus"))
			}
		}
	}
}

// found is what a response says with 200. ok is false where it says nothing of the kind.
func (r response) found() (p properties, ok bool) {
	for _, s := range r.Stats {
		if statusOf(s.Status) == "200" {
			return s.Prop, true
		}
	}
	return p, false
}

// gone reports whether the resource is not there (any more).
func (r response) gone() bool { return statusOf(r.Status) == "404" || statusOf(r.Status) == "410" }

// statusOf is the code in "HTTP/1.1 200 OK".
func statusOf(line string) string {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return ""
	}
	return fields[1]
}

const (
	xmlHead = `<?xml version="1.0" encoding="utf-8"?>`

	// askWhere asks a resource what it is and where its user's calendars are (RFC 5397, RFC 4791 §6.2.1).
	askWhere = xmlHead + `<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>` +
		`<d:resourcetype/><d:displayname/><d:current-user-principal/><c:calendar-home-set/><c:supported-calendar-component-set/>` +
		`</d:prop></d:propfind>`

	// askETags lists a calendar.
	askETags = xmlHead + `<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/><d:resourcetype/></d:prop></d:propfind>`
)

// askChanges is a sync-collection report (RFC 6578 §3.2); an empty token asks for everything.
func askChanges(token string) []byte {
	var b bytes.Buffer
	b.WriteString(xmlHead + `<d:sync-collection xmlns:d="DAV:"><d:sync-token>`)
	escape(&b, token)
	b.WriteString(`</d:sync-token><d:sync-level>1</d:sync-level><d:prop><d:getetag/><d:resourcetype/></d:prop></d:sync-collection>`)
	return b.Bytes()
}

// askObjects is a calendar-multiget report (RFC 4791 §7.9).
func askObjects(names []string) []byte {
	var b bytes.Buffer
	b.WriteString(xmlHead + `<c:calendar-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/><c:calendar-data/></d:prop>`)
	for _, name := range names {
		b.WriteString(`<d:href>`)
		escape(&b, name)
		b.WriteString(`</d:href>`)
	}
	b.WriteString(`</c:calendar-multiget>`)
	return b.Bytes()
}

// escape writes a text as XML; a bytes.Buffer takes all of it.
func escape(b *bytes.Buffer, text string) { _ = xml.EscapeText(b, []byte(text)) }
