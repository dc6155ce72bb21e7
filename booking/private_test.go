package booking

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"passerelle/connectors"
)

const canary = "canari-7731"

// canaries is somebody of whom every word would be seen.
func canaries() Appointment {
	person := Beneficiary{FirstName: canary, LastName: canary, Phone: canary, Email: canary, Address: canary, Language: canary, Reference: canary}
	return Appointment{ID: "a", Ended: Ending{Reason: canary}, Details: &Details{
		Beneficiary: person, EndReason: canary, Page: canary, Need: Need{Details: canary},
		Prescriber: Prescriber{FirstName: canary, LastName: canary, Phone: canary, Email: canary, StructureName: canary},
		Consent:    Consent{Reference: canary},
	}}
}

// Whatever way a person is printed, nothing of her is.
func TestAPersonIsNotPrinted(t *testing.T) {
	a := canaries()
	d, b := *a.Details, a.Details.Beneficiary
	values := map[string]any{
		"appointment": a, "pointer": &a, "details": d, "person": b, "prescriber": d.Prescriber, "consent": d.Consent, "people": []Beneficiary{b}, "by name": map[Name]Phone{b.LastName: b.Phone},
		"name": b.LastName, "phone": b.Phone, "email": b.Email, "words": d.Need.Details, "pointer to a name": &b.LastName,
		"booking": Booking{Details: d}, "orientation": Orientation{Details: d}, "change": Change{Details: &d, Ended: &a.Ended},
		"claim": Claim{Appointment: a}, "of an agenda": b.outside(), "request": connectors.Request{Person: b.outside()},
	}
	var log bytes.Buffer
	text, lines := slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s by %s: %s", name, verb, got)
			}
		}
		if got := fmt.Sprint(v) + fmt.Sprintln(v) + errors.New(fmt.Sprint("x", v)).Error(); strings.Contains(got, canary) {
			t.Errorf("%s: %s", name, got)
		}
		text.Info("x", "v", v)
	}
	for _, v := range []any{d, &d, b, d.Prescriber, d.Consent, b.LastName, b.Phone, b.Email, d.Need.Details, b.outside()} {
		lines.Info("x", "v", v)
		text.Info("x", slog.Group("g", "v", v))
	}
	if strings.Contains(log.String(), canary) {
		t.Errorf("the log has %s", log.String())
	}
}

// What is sealed, and answered to the partner, is JSON: it keeps every word.
func TestAPersonIsKept(t *testing.T) {
	d := *canaries().Details
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), canary); n != 16 {
		t.Errorf("%d of 16 words are in %s", n, text)
	}
	var back Details
	if err := json.Unmarshal(text, &back); err != nil || back.Beneficiary != d.Beneficiary || back.Prescriber != d.Prescriber || back.Page != d.Page || back.EndReason != d.EndReason || back.Need.Details != d.Need.Details || back.Consent != d.Consent {
		t.Errorf("%v", err)
	}
}
