package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// member is one member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members lists the members of a JSON object in the order of the text, repeated ones too. encoding/json alone would
// say nothing of those, nor of what follows the object.
func members(object []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	var list []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errors.New("not JSON")
		}
		m := member{name: name.(string)}
		if err := d.Decode(&m.value); err != nil {
			return nil, errors.New("not JSON")
		}
		list = append(list, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("not JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return list, nil
}

// segment decodes one part of a signed text: 0 is the header, 1 the payload.
func segment(text string, n int) ([]byte, error) {
	segments := strings.SplitN(text, ".", n+2)
	if len(segments) <= n {
		return nil, errors.New("a segment is missing")
	}
	return base64.RawURLEncoding.DecodeString(segments[n])
}

// namesIn lists the names of the JSON object in a segment.
func namesIn(text string, n int) ([]string, error) {
	object, err := segment(text, n)
	if err != nil {
		return nil, err
	}
	list, err := members(object)
	names := make([]string, len(list))
	for i, m := range list {
		names[i] = m.name
	}
	return names, err
}
