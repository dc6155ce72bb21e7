package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// shortMessage is what the SMS service was handed.
type shortMessage struct {
	Destinataire, Expediteur, Message, Reference, token string
}

// Who wants an SMS, and has a mobile telephone, hears by SMS from the program as it is shipped; who has none, from her
// prescriber. What is to come is shown to the partner.
func TestAPersonHearsByShortMessage(t *testing.T) {
	x := newTerminal(t)
	office, address := x.mailing(somePlaces)
	handed := make(chan shortMessage, 10)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := shortMessage{token: r.Header.Get("Authorization")}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		handed <- m
		w.WriteHeader(http.StatusAccepted)
	}))
	defer service.Close()
	x.set(map[string]string{"SMS_ADRESSE": service.URL + "/messages", "SMS_JETON_FILE": x.file("jeton", "canari-jeton\n"), "SMS_EXPEDITEUR": "RDV"})
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	partner := lineOf[newPartner](t, x.ok("partner", "add", "--json", "Plateforme"))
	_, stop := x.start("the gateway serves", "serve")
	defer stop()
	c := &partnerTool{t, "http://" + address, tokenFor(t, "http://"+address, partner.ID, partner.Secret)}
	book := func(key, slot, phone string) (string, string) {
		t.Helper()
		status, made := c.do("POST", "/v1/rendez-vous", key, `{"creneau_id":"`+slot+`","usager":{"prenom":"Prénom-canari","nom":"Nom-`+key+`","contact":"sms","telephone":"`+phone+`"},
			"prescripteur":{"prenom":"P","nom":"N","courriel":"aidant@example.org","qualite":"professionnel"},
			"besoin":{"services":["aide aux demarches administratives"]},"consentement":{"mode":"oral","recueilli_le":"2026-11-23T08:00:00+01:00"}}`)
		if status != 201 || made["statut"] != "confirme" {
			t.Fatalf("%d %v", status, made)
		}
		return made["id"].(string), fmt.Sprint(made["notifications"])
	}
	next := func() shortMessage {
		t.Helper()
		select {
		case m := <-handed:
			return m
		case <-time.After(time.Minute): // a guard against a hang
			t.Fatal("no short message")
		}
		return shortMessage{}
	}

	slots := c.startsInOrder("l1")
	id, notices := book("k1", slots[len(slots)-1], "06 39 98 00 01")
	if !strings.Contains(notices, "a:usager canal:sms etat:en_attente objet:confirmation") || !strings.Contains(notices, "a:usager canal:sms etat:en_attente objet:rappel") {
		t.Errorf("notifications: %s", notices)
	}
	m := next()
	if m.Destinataire != "+33639980001" || m.Expediteur != "RDV" || m.token != "Bearer canari-jeton" || !strings.HasPrefix(m.Message, "RDV confirmé : ") || !strings.Contains(m.Reference, id) {
		t.Errorf("handed over: %+v", m)
	}
	if mails := office.Take(t, 2); !strings.Contains(mails["aidant@example.org"], "La personne reçoit aussi un SMS.") {
		t.Errorf("the prescriber reads %s", mails["aidant@example.org"])
	}
	if status, v := c.do("POST", "/v1/rendez-vous/"+id+"/annulation", "k2", `{"raison":"empêchement","par":"usager"}`); status != 200 || !strings.Contains(fmt.Sprint(v["notifications"]), "a:usager canal:sms etat:sans_objet objet:rappel") {
		t.Errorf("%d %v", status, v)
	}
	if m = next(); !strings.HasPrefix(m.Message, "RDV annulé : ") || strings.Contains(m.Message, "empêchement") {
		t.Errorf("of a cancellation: %+v", m)
	}
	office.Take(t, 2)

	if _, notices = book("k3", slots[len(slots)-2], "04 65 71 00 01"); !strings.Contains(notices, "a:usager canal:prescripteur etat:confie objet:confirmation") ||
		!strings.Contains(notices, "a:prescripteur canal:courriel etat:en_attente objet:rappel") {
		t.Errorf("without a mobile: %s", notices)
	}
	office.Take(t, 2)
}
