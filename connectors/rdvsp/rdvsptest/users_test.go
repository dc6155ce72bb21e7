package rdvsptest

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
)

func TestAPersonIsMadeOnce(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	make := func(change map[string]any) reply {
		body := map[string]any{"organisation_ids": []int{w.mine.ID}, "first_name": "Denise", "last_name": "Moreau", "email": "Denise@exemple.fr", "phone_number": "06 12 34 56 78", "notify_by_sms": false}
		for name, value := range change {
			body[name] = value
		}
		return w.ask(token, "POST", "/api/v1/users", body)
	}
	made := make(nil)
	want(t, "made", made, http.StatusOK, "")
	if made.dig(t, "user", "phone_number_formatted") != "+33612345678" || made.dig(t, "user", "notify_by_sms") != false ||
		made.dig(t, "user", "notify_by_email") != true || made.dig(t, "user", "user_profiles") != nil {
		t.Errorf("made: %s", made.body)
	}
	id := made.id(t, "user", "id")
	want(t, "again", make(nil), http.StatusUnprocessableEntity,
		fmt.Sprintf(`{"errors":{"email":[{"id":%d,"error":"taken"}]},"error_messages":["email est déjà utilisé"]}`, id))
	want(t, "no name", make(map[string]any{"first_name": "", "last_name": " ", "email": ""}), http.StatusUnprocessableEntity,
		`{"errors":{"first_name":[{"error":"blank"}],"last_name":[{"error":"blank"}]},"error_messages":["last_name doit être rempli(e)","first_name doit être rempli(e)"]}`)
	want(t, "a foreign organisation", make(map[string]any{"organisation_ids": []int{w.foreign.ID}}), http.StatusForbidden, "")
	shown := w.ask(token, "GET", fmt.Sprintf("/api/v1/users/%d", id), nil)
	if shown.id(t, "user", "user_profiles", 0, "organisation", "id") != w.mine.ID {
		t.Errorf("shown: %s", shown.body)
	}
}

// TestAPersonOfAnotherOrganisationIsAttached goes the way that is left when the e-mail is taken elsewhere.
func TestAPersonOfAnotherOrganisationIsAttached(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	u := w.AddUser(User{FirstName: "Denise", LastName: "MOREAU", Email: "denise@exemple.fr", Organisations: []int{w.foreign.ID}})
	taken := w.ask(token, "POST", "/api/v1/users", map[string]any{"organisation_ids": []int{w.mine.ID}, "first_name": "D", "last_name": "M", "email": u.Email})
	if taken.status != http.StatusUnprocessableEntity || taken.id(t, "errors", "email", 0, "id") != u.ID {
		t.Fatalf("taken: %d %s", taken.status, taken.body)
	}
	invite := fmt.Sprintf("/api/v1/users/%d/rdv_invitation_token", u.ID)
	want(t, "not yet", w.ask(token, "POST", invite, nil), http.StatusForbidden,
		`{"errors":[{"base":"forbidden"}],"error_messages":["Vous n’avez pas les droits suffisants pour accéder à cette page ou effectuer cette action"]}`)
	want(t, "listed", w.ask(token, "GET", fmt.Sprintf("/api/v1/users?ids[]=%d", u.ID), nil), http.StatusOK,
		`{"users":[],"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":0,"total_count":0}}`)
	attach := map[string]any{"organisation_id": w.mine.ID, "user_id": u.ID}
	want(t, "attached", w.ask(token, "POST", "/api/v1/user_profiles", attach), http.StatusOK, "")
	want(t, "twice", w.ask(token, "POST", "/api/v1/user_profiles", attach), http.StatusUnprocessableEntity, "")
	want(t, "nobody", w.ask(token, "POST", "/api/v1/user_profiles", map[string]any{"organisation_id": w.mine.ID, "user_id": 1}), http.StatusUnprocessableEntity,
		`{"errors":{"user":[{"error":"blank"}]},"error_messages":["user doit exister"]}`)
	want(t, "then", w.ask(token, "POST", invite, nil), http.StatusOK, "")
	want(t, "unknown", w.ask(token, "POST", "/api/v1/users/1/rdv_invitation_token", nil), http.StatusNotFound, `{"not_found":"user"}`)
}

func TestAnInvitationIsTheSameForEver(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	id, first := w.person(token, "denise@exemple.fr")
	if !regexp.MustCompile(`^[A-Z0-9]{8}$`).MatchString(first) {
		t.Errorf("token %q", first)
	}
	again := w.ask(token, "POST", fmt.Sprintf("/api/v1/users/%d/rdv_invitation_token", id), nil)
	want(t, "again", again, http.StatusOK, fmt.Sprintf(`{"invitation_token":%q}`, first))
	if _, other := w.person(token, "paul@exemple.fr"); other == first {
		t.Error("two people have one token")
	}
}
