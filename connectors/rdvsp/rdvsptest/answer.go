package rdvsptest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// answer is what leaves: JSON, or a page.
type answer struct {
	status int
	body   any // nil for none
	page   string
	kind   string // of the page
	header http.Header
	text   []byte // the body as it leaves, once it is written down
}

func (a answer) with(name, value string) answer {
	if a.header == nil {
		a.header = make(http.Header)
	}
	a.header.Set(name, value)
	return a
}

// written has its body written down: what it tells of may change later.
func (a answer) written() answer {
	a.text = []byte(a.page)
	if a.body != nil {
		a.text = written(a.body)
	}
	return a
}

func written(body any) []byte {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("rdvsptest: %v", err)) // a shape of ours is wrong
	}
	return text
}

func (a answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	switch {
	case a.body != nil:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	case a.page != "":
		w.Header().Set("Content-Type", a.kind+"; charset=utf-8")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.text)
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

// redirect is absolute, as the software's are.
func redirect(to string) answer {
	return answer{status: http.StatusFound, page: "<html><body>You are being redirected.</body></html>", kind: "text/html"}.with("Location", to)
}

func page(status int, text string) answer {
	return answer{status: status, page: "<!DOCTYPE html><html lang=\"fr\"><body>" + text + "</body></html>", kind: "text/html"}
}

// resource is an object as the software writes it: its identifier, then the other fields in the order of the alphabet.
type resource map[string]any

// MarshalJSON writes it in that order.
func (r resource) MarshalJSON() ([]byte, error) {
	names := slices.Sorted(maps.Keys(r))
	if i := slices.Index(names, "id"); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, "id")
	}
	d := make(document, len(names))
	for i, name := range names {
		d[i] = field{name, r[name]}
	}
	return d.MarshalJSON()
}

// document is an object in the order in which it is listed: a root and what goes with it.
type document []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes it in that order.
func (d document) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, f := range d {
		key, _ := json.Marshal(f.name)
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// perPage is how many a list shows at once.
const perPage = 100

// listed is one page of a list, with the numbers of the pages around it.
func listed(c *call, root string, all []resource) answer {
	pages := (len(all) + perPage - 1) / perPage
	this := max(c.number("page"), 1)
	from := min((this-1)*perPage, len(all))
	meta := document{
		{"current_page", this}, {"next_page", nil}, {"prev_page", nil}, {"total_pages", pages}, {"total_count", len(all)},
	}
	if this < pages {
		meta[1].value = this + 1
	}
	if this > 1 && this <= pages {
		meta[2].value = this - 1
	}
	shown := append([]resource{}, all[from:min(from+perPage, len(all))]...)
	return ok(document{{root, shown}, {"meta", meta}})
}

// stampLayout is how every timestamp but a few is written: the local time of Paris, and not ISO 8601.
const stampLayout = "2006-01-02 15:04:05 -0700"

func (s *Server) stamp(at time.Time) string { return at.In(s.paris).Format(stampLayout) }

// stampOrNil is null for a time that is not.
func (s *Server) stampOrNil(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return s.stamp(at)
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
