package booking

import "testing"

func TestHowAPersonIsCalled(t *testing.T) {
	for want, b := range map[string]Beneficiary{
		"Zoé Nomdefamille":                    {FirstName: "Zoé", LastName: " Nomdefamille", Reference: "dossier 12"},
		"Zoé":                                 {FirstName: "Zoé"},
		"la personne de référence dossier 12": {Reference: "dossier\n12"},
		"":                                    {Phone: "+33639980001"},
	} {
		if got := b.Called(); got != want {
			t.Errorf("she is called %q, not %q", got, want)
		}
	}
}
