package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// Whoever sits at a structure's page may change where its agenda is, and cannot read its password by it.
func TestAKeptPasswordGoesNowhereElse(t *testing.T) {
	server := func(given *atomic.Int32) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, password, _ := r.BasicAuth(); password == "mot-de-passe-gardé" {
				given.Add(1)
			}
			w.WriteHeader(http.StatusInternalServerError)
		}))
		t.Cleanup(s.Close)
		return s
	}
	var right, wrong atomic.Int32
	theirs, other := server(&right), server(&wrong)
	c := newCounter(t)
	c.secret = append(c.secret, "mot-de-passe-gardé")
	b := c.keeper()
	form := b.get(agendasOfPlace + "/nouveau?par=caldav").settings()
	form.Set("adresse", theirs.URL+"/dav/")
	form.Set("compte", "accueil")
	form.Set("mot_de_passe", "mot-de-passe-gardé")
	path, _, _ := strings.Cut(b.do(http.MethodPost, agendasOfPlace+"/nouveau?par=caldav", form).location, "?")
	form = b.get(path).settings()
	if right.Load() == 0 {
		t.Fatal("their own server was not given the password")
	}
	for field, value := range map[string]string{"adresse": other.URL + "/dav/", "compte": "direction"} {
		form.Set(field, value)
		c.want("another "+field, b.do(http.MethodPost, path, form), 422, "donnez aussi le mot de passe")
		form.Del(field)
	}
	form.Set("adresse", theirs.URL+"/dav/") // written again as it is
	form.Set("horaires.lu", "9h-10h")
	c.want("the same address", b.get(b.do(http.MethodPost, path, form).location), 200, `value="9h-10h"`)
	form.Set("adresse", other.URL+"/dav/")
	form.Set("mot_de_passe", "un autre")
	if got := b.do(http.MethodPost, path, form); got.status != http.StatusSeeOther {
		t.Errorf("with its password: %+v", got)
	}
	b.get(path)
	if wrong.Load() > 0 {
		t.Error("the other server was given the kept password")
	}
}
