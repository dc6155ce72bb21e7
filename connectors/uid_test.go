package connectors

import "testing"

func TestReferenceComesBackFromItsUID(t *testing.T) {
	if got, ours := ReferenceOf(UIDOf("rdv_01HZX")); !ours || got != "rdv_01HZX" {
		t.Errorf("ReferenceOf(UIDOf) = %q, %v", got, ours)
	}
}

func TestForeignUIDsAreNotOurs(t *testing.T) {
	for _, uid := range []string{"", "@passerelle", "abc@example.org", "abc@passerelle.example.org", "passerelle", "a@passerelle "} {
		if ref, ours := ReferenceOf(uid); ours {
			t.Errorf("ReferenceOf(%q) = %q, taken for ours", uid, ref)
		}
	}
}
