package booking

import (
	"strings"
	"testing"
)

func TestACodeIsReadHoweverItIsWritten(t *testing.T) {
	a := Appointment{ID: "ffffffffffffffffffffffffffffffff", Chain: "80b57c92017cfa07c5451b7a6f6a11dc"}
	code := a.Code()
	if len(code) != 8 || strings.ContainsAny(code, "ILOU") || CodeInWords(code) != code[:4]+"-"+code[4:] {
		t.Fatalf("%q", code)
	}
	written := strings.NewReplacer("1", "l", "0", "o").Replace(strings.ToLower(code))
	for _, text := range []string{code, CodeInWords(code), " " + code[:2] + " " + code[2:] + " ", written, strings.ReplaceAll(code, "1", "i")} {
		if start, ok := ReadCode(text); !ok || start != a.Chain[:10] {
			t.Errorf("%q is read as %q, %t", text, start, ok)
		}
	}
	for _, text := range []string{"", code[:7], code + "0", "UUUUUUUU", "é" + code[1:], "%_______"} {
		if start, ok := ReadCode(text); ok {
			t.Errorf("%q is read as %q", text, start)
		}
	}
	for _, chain := range []string{"", "x", "80b57c92", "zzzzzzzzzzzz"} {
		if code := (Appointment{Chain: chain}).Code(); code != "" {
			t.Errorf("%q has the code %q", chain, code)
		}
	}
}

func TestANameIsTheSameHoweverItIsWritten(t *testing.T) {
	b := Beneficiary{LastName: "Le Goff-d'Aubigné"}
	for name, want := range map[string]bool{"LE GOFF D’AUBIGNÉ": true, "legoff d'aubigné": true, "Le Goff": false, "": false} {
		if b.IsCalled(name) != want {
			t.Errorf("%q: %t", name, !want)
		}
	}
	if (Beneficiary{}).IsCalled("") || (Beneficiary{}).IsCalled("-") {
		t.Error("who has no name is called by none")
	}
}
