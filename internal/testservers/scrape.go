package testservers

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Scraped is what a Prometheus has read, by name and labels as it shows them: up{job="a",zone="b"}. Of a histogram it has the
// count and the sum.
type Scraped struct {
	Values map[string]float64
	Text   string
}

// Scrape reads the metrics at an address.
func Scrape(t testing.TB, address string) Scraped {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %s %v", response.StatusCode, text, err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	s := Scraped{make(map[string]float64), string(text)}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			s.add(name, labelsOf(m), m)
		}
	}
	return s
}

func (s Scraped) add(name, labels string, m *dto.Metric) {
	switch {
	case m.GetHistogram() != nil:
		s.Values[name+"_count"+labels] = float64(m.GetHistogram().GetSampleCount())
		s.Values[name+"_sum"+labels] = m.GetHistogram().GetSampleSum()
	case m.GetCounter() != nil:
		s.Values[name+labels] = m.GetCounter().GetValue()
	case m.GetGauge() != nil:
		s.Values[name+labels] = m.GetGauge().GetValue()
	}
}

func labelsOf(m *dto.Metric) string {
	var pairs []string // which the format has by name
	for _, l := range m.GetLabel() {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	if len(pairs) == 0 {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}
