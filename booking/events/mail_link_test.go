package events

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
)

func TestALinkIsMailedAtOnce(t *testing.T) {
	s := startMailServer(t, nil)
	m, _, _ := newTestMailer(t, newOutbox(mailNow), s, nil)
	const link = "https://rdv.example/connexion/lien/jeton"
	if err := m.SendSignIn(t.Context(), "camille@exemple.org", link); err != nil {
		t.Fatal(err)
	}
	if err := m.SendPlaceLink(t.Context(), "accueil@exemple.org", link+"2", "Camille\r\nBcc: x@exemple.org", "Médiathèque\nEurre"); err != nil {
		t.Fatal(err)
	}
	all := s.all()
	if len(all) != 2 || all[0].to != "camille@exemple.org" || all[1].to != "accueil@exemple.org" {
		t.Fatalf("%+v", all)
	}
	for i, taken := range all {
		letter, err := mail.ReadMessage(bytes.NewReader([]byte(taken.raw)))
		if err != nil {
			t.Fatal(err)
		}
		if letter.Header.Get("Bcc") != "" || letter.Header.Get("Auto-Submitted") != "auto-generated" || letter.Header.Get("Message-Id") == "" {
			t.Errorf("letter %d has the header %v", i, letter.Header)
		}
		text := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(taken.raw)
		if !strings.Contains(text, link) {
			t.Errorf("letter %d has no link:\n%s", i, text)
		}
	}
}

// Nobody is let down in silence, and no error says to whom the mail was.
func TestALinkThatIsNotTakenIsSaid(t *testing.T) {
	s := startMailServer(t, nil)
	s.rcpt = func(string) error { return smtpNo(550) }
	m, _, _ := newTestMailer(t, newOutbox(mailNow), s, nil)
	err := m.SendSignIn(t.Context(), "camille."+secretWord+"@exemple.org", "https://rdv.example/jeton-secret")
	if err == nil || strings.Contains(err.Error(), secretWord) || strings.Contains(err.Error(), "jeton-secret") {
		t.Errorf("%v", err)
	}
}
