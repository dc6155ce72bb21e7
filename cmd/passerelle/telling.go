package main

import (
	"context"
	"net/http"
	"net/mail"
	"os"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/booking/events"
	"passerelle/booking/web"
	"passerelle/connectors/egress"
)

// telling is what leaves: mail to people, webhooks to partners, and the pages that letters lead to.
type telling struct {
	mailer   *events.Mailer // nil without a mail server: messages wait
	webhooks *events.Dispatcher
	pages    http.Handler
	wake     chan struct{} // a message may be due
}

func (g *gateway) openTelling(ctx context.Context) error {
	answers, err := events.NewLinkSigner(g.config.PublicURL, "/demandes/", g.keys.Derive("reponses")...)
	if err != nil {
		return err
	}
	persons, err := events.NewLinkSigner(g.config.PublicURL, "/rv/", g.keys.Derive("personnes-liens")...)
	if err != nil {
		return err
	}
	g.telling.wake = make(chan struct{}, 1)
	if g.config.Mail.Host != "" {
		o := g.mailOptions(answers, persons)
		if o.SMS, err = g.sms(); err != nil {
			return err
		}
		if g.telling.mailer, err = events.NewMailer(o); err != nil {
			return err
		}
	}
	client, err := egress.New(egress.Options{
		AllowHTTP: g.config.Egress.HTTPHosts, AllowAddresses: g.config.Egress.AllowedAddresses, Version: version, Logger: g.logger,
		Timeout: webhookIn, AnswerIn: webhookIn, PerHost: webhooksPerHost,
	})
	if err != nil {
		return err
	}
	g.telling.webhooks, err = events.NewDispatcher(events.DispatcherOptions{
		Webhooks: g.ledger, Client: client, Logger: g.logger, Now: g.now, Random: randomness,
	})
	if err != nil {
		return err
	}
	consents, err := g.consentLinks()
	if err != nil {
		return err
	}
	signIn, err := g.signInPages(ctx)
	if err != nil {
		return err
	}
	o := web.Options{
		Service: g.service, Register: g.ledger, Connections: g.agendas, Calendars: g.ledger, Place: g.place,
		Codes:    web.Codes{Called: g.ledger.Called, Allow: g.codesAllowed()},
		Requests: structures{g.service}, Read: answers.Read, ReadPerson: persons.Read,
		Consents: g.service, ReadConsent: consents.Read,
		ConsentLink: func(agenda string) string { return consents.Link(agenda, g.now().Add(consentFor)) },
		SignIn:      signIn, Public: g.config.PublicURL, Map: web.Map(g.config.Map), DSFR: g.dsfr(), Logger: g.logger, Now: g.now,
	}
	if g.telling.mailer != nil {
		o.Evenings = g.ledger
	}
	g.telling.pages, err = web.New(o)
	return err
}

// dsfr is the design system of the State, where the operator wears it.
func (g *gateway) dsfr() web.DSFR {
	c := g.config.DSFR
	if c.Folder == "" {
		return web.DSFR{}
	}
	return web.DSFR{Files: os.DirFS(c.Folder), Entity: strings.Split(c.Entity, "|")}
}

// sheetOf is the page of an appointment, for its place.
func (g *gateway) sheetOf(id string) string { return g.config.PublicURL + web.StructurePath + id }

// sms is what carries short messages; nil where nothing does.
func (g *gateway) sms() (*events.SMS, error) {
	c := g.config.SMS
	if c.Address == "" {
		return nil, nil
	}
	client, err := egress.New(egress.Options{
		AllowHTTP: g.config.Egress.HTTPHosts, AllowAddresses: g.config.Egress.AllowedAddresses, Version: version, Logger: g.logger,
		Timeout: smsIn, AnswerIn: smsIn,
	})
	if err != nil {
		return nil, err
	}
	return events.NewSMS(events.SMSOptions{Address: c.Address, Token: string(c.Token), Sender: c.Sender, Client: client})
}

// consentLinks makes and reads the links by which structures let the gateway in.
func (g *gateway) consentLinks() (*events.LinkSigner, error) {
	return events.NewLinkSigner(g.config.PublicURL, "/consentement/", g.keys.Derive("consentements")...)
}

// Limits of webhooks and of the SMS service: a receiver has that long to answer, and several partners may share one host.
const (
	smsIn           = 15 * time.Second
	webhookIn       = 15 * time.Second
	webhooksPerHost = 16
	smtpDialIn      = 10 * time.Second
)

func (g *gateway) mailOptions(answers, persons *events.LinkSigner) events.MailOptions {
	m := g.config.Mail
	return events.MailOptions{
		Outbox: g.ledger, Place: g.place, Agenda: g.agendas.ByID, Answers: answers, Persons: persons,
		Sender: mail.Address{Name: m.Name, Address: m.Sender}, Operator: m.Operator,
		SMTP: events.SMTP{Host: m.Host, Port: m.Port, TLS: events.Encryption(m.Security), User: m.User, Password: string(m.Password)},
		Lists: &events.Lists{
			Evenings: g.ledger, Addresses: g.service.AddressesOf, Sheet: g.sheetOf, Switch: func(place string) string { return g.config.PublicURL + web.CalendarPath(place) },
		},
		Dial: egress.Dial(smtpDialIn), Logger: g.logger, Now: g.now, Wake: g.telling.wake,
	}
}

// structures is what the page of a request may do.
type structures struct{ *booking.Service }

// Show finds a request whoever made it: the link is the structure's right to see it.
func (s structures) Show(ctx context.Context, id string) (booking.Appointment, error) {
	return s.Ledger.AnyAppointment(ctx, id)
}

func (g *gateway) place(id string) *booking.Place {
	if found := g.directory.Places(id); len(found) == 1 {
		return found[0]
	}
	return nil
}

// tell runs what tells until the context ends.
func (g *gateway) tell(ctx context.Context) {
	if g.telling.mailer != nil {
		g.work.Go(func() { g.telling.mailer.Run(ctx) })
		g.every(ctx, listEvery, "lists", g.telling.mailer.SendLists)
	}
	g.work.Go(func() { g.telling.webhooks.Run(ctx) })
}

// committed is called after each commit that people or partners are to hear of.
func (g *gateway) committed() {
	select {
	case g.telling.wake <- struct{}{}:
	default:
	}
	if g.telling.webhooks != nil {
		g.telling.webhooks.Wake()
	}
}
