package events

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"passerelle/booking"
)

// linkIn is how long the server may take for the mail of a link.
const linkIn = 10 * time.Second

// linkSheet is what a letter with a link of a page may say.
type linkSheet struct{ Link, Who, Place string }

// SendSignIn mails the link by which whoever reads that address signs in. It is sent at once or not at all: nobody owes
// it, and who waits for it asks again. Its errors hold no address and no link.
func (m *Mailer) SendSignIn(ctx context.Context, to, link string) error {
	return m.sendLink(ctx, "connexion.txt", to, linkSheet{Link: link})
}

// SendPlaceLink mails the link by which an account, described by who, comes to answer for a place; as SendSignIn.
func (m *Mailer) SendPlaceLink(ctx context.Context, to, link, who, place string) error {
	return m.sendLink(ctx, "lieu.txt", to, linkSheet{Link: link, Who: booking.OneLine(who), Place: booking.OneLine(place)})
}

func (m *Mailer) sendLink(ctx context.Context, name, to string, s linkSheet) error {
	l, err := m.letters.fill(name, s, s.Link)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(s.Link))
	msg, err := m.message(to, hex.EncodeToString(sum[:16])+"@"+hostOf(m.Sender.Address), l)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, linkIn) // somebody waits at a page
	defer cancel()
	return m.post(ctx, msg)
}
