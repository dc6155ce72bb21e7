package pages

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// ground is a server of tiles on this machine, which notes what it is asked for.
type ground struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func startGround(t *testing.T) *ground {
	t.Helper()
	var tile bytes.Buffer
	if err := png.Encode(&tile, image.NewGray(image.Rect(0, 0, 256, 256))); err != nil {
		t.Fatal(err)
	}
	g := &ground{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.asked = append(g.asked, r.URL.Path)
		g.mu.Unlock()
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(tile.Bytes())
	}))
	t.Cleanup(g.Close)
	return g
}

// tiles is how many it was asked for; none is asked for by another name than a tile's.
func (g *ground) tiles(t *testing.T) int {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, path := range g.asked {
		var z, x, y int
		if n, err := fmt.Sscanf(path, "/fond/%d/%d/%d.png", &z, &x, &y); n != 3 || err != nil {
			t.Errorf("the ground was asked for %s", path)
		}
	}
	return len(g.asked)
}

// An operator may give the search a map, of another host's tiles: it shows the places of the list, who has no scripts has the
// list, and no other page may ask that host for anything.
func TestTheSearchHasAMap(t *testing.T) {
	t.Parallel()
	g := startGround(t)
	host := strings.TrimPrefix(g.URL, "http://")
	s := Start(t, &programs, More{Environment: map[string]string{
		"PASSERELLE_EGRESS_HOTES_HTTP": "127.0.0.1", "PASSERELLE_CARTE_TUILES": g.URL + "/fond/{z}/{x}/{y}.png", "PASSERELLE_CARTE_MENTION": "© Le fond d'essai",
	}})
	p := s.Page(t)
	p.Scripts(false)
	p.Open("/?ou=crest")
	p.Says("2 lieux")
	if strings.Contains(p.Text(), "carte") || g.tiles(t) > 0 {
		t.Errorf("without scripts there is a map, of %d tiles: %s", g.tiles(t), p.Text())
	}

	p.Scripts(true)
	p.MayAsk(host)
	light(t, p, "a map", "/?ou=crest")
	p.Says("Ces lieux sur une carte")
	p.Says("© Le fond d'essai")
	p.soon(func() error { return loaded(p, g.tiles(t)) })
	if n := ask[int](p, "document.querySelectorAll('.carte .leaflet-interactive').length"); n != 2 {
		t.Errorf("2 places, and %d markers", n)
	}
	if strings.Contains(p.Text(), "ne répond pas") {
		t.Error("the ground is said not to answer")
	}
	p.Check("recherche avec carte")
	leadsToPlaces(t, p)
	inFrench(t, p)

	g.Close()
	p.Open("/?ou=crest")
	p.Says("Le fond de carte ne répond pas : la liste ci-dessus dit tout.")
	p.Says("2 lieux")
	p.find("Médiathèque de la Tour", "link")
	alike(p, "recherche, une carte sans fond")
	onlyTheMap(t, s, g.URL)
}

// loaded says whether all the tiles that were asked for are shown.
func loaded(p *Page, asked int) error {
	p.t.Helper()
	shown := ask[int](p, "[...document.querySelectorAll('.leaflet-tile')].filter(i => i.complete && i.naturalWidth == 256).length")
	if shown == 0 || shown < asked {
		return fmt.Errorf("%d tiles were asked for, and %d are shown", asked, shown)
	}
	return nil
}

// leadsToPlaces: each marker has its place's name and way.
func leadsToPlaces(t *testing.T, p *Page) {
	t.Helper()
	const popups = `(() => {
	const said = []
	for (const marker of document.querySelectorAll('.carte .leaflet-interactive')) {
		marker.dispatchEvent(new MouseEvent('click', {bubbles: true}))
		const link = [...document.querySelectorAll('.leaflet-popup-content a')].at(-1)
		said.push(link ? link.textContent + ' ' + new URL(link.href).pathname : 'rien')
	}
	return said.sort()
})()`
	got := strings.Join(ask[[]string](p, popups), ", ")
	if want := "Mairie annexe de la Sye /lieux/mairie, Médiathèque de la Tour /lieux/mediatheque"; got != want {
		t.Errorf("the markers lead to %s, want %s", got, want)
	}
}

// inFrench: what the map's library names by itself is named as the rest of the page is, and leads nowhere else.
func inFrench(t *testing.T, p *Page) {
	t.Helper()
	for _, name := range []string{"Voir de plus près", "Voir de plus loin"} {
		p.find(name, "button")
	}
	p.find("Ces lieux sur une carte", "group")
	const strange = `[...document.querySelectorAll('.carte a, .carte button')].map(e => (e.ariaLabel || '') + e.innerText + e.title).filter(w => /zoom|close|leaflet/i.test(w))`
	if found := ask[[]string](p, strange); len(found) > 0 {
		t.Errorf("the map has %q", found)
	}
}

// onlyTheMap fails the test where a page without a map lets anything come from the ground's host, or the map's anything but images.
func onlyTheMap(t *testing.T, s *Site, origin string) {
	t.Helper()
	for path, tiles := range map[string]bool{"/?ou=crest": true, "/": false, "/?ou=Zzz": false, "/?ou=crest&besoin=x": false, "/lieux/mediatheque": false, "/connexion": false} {
		answer, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		if strings.Contains(policy, "img-src 'self' "+origin+";") != tiles {
			t.Errorf("%s: %s", path, policy)
		}
		strict(t, path, strings.Replace(policy, "img-src 'self' "+origin+";", "img-src 'self';", 1))
	}
}
