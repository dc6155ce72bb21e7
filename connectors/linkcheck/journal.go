package linkcheck

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// Journal keeps results from one run to the next: a file of JSON, one result a line, the last one of a link counts. It
// is for one goroutine. A nil Journal is empty and keeps nothing.
type Journal struct {
	file    *os.File
	results map[string]Result
}

// OpenJournal opens, or makes, the journal at path. A file that is no journal is an error in French that says its
// line, and stays as it is. A last line that was cut off in the middle of its writing is cut away.
func OpenJournal(path string) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, err
	}
	results, whole, err := readJournal(file)
	if err == nil {
		err = file.Truncate(whole)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s : %w", path, err), file.Close())
	}
	return &Journal{file, results}, nil
}

// Close closes the file.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}

// Fresh gives the result of a link if it is younger than age at now, so that it need not be asked for again. What is
// Unknown never is fresh: it proved nothing.
func (j *Journal) Fresh(link string, now time.Time, age time.Duration) (Result, bool) {
	if j == nil {
		return Result{}, false
	}
	r, known := j.results[link]
	old := now.Sub(r.At)
	return r, known && r.Verdict != Unknown && old >= 0 && old < age
}

// Append writes a result down. What is Personal is not for a file.
func (j *Journal) Append(r Result) error {
	if j == nil || r.Verdict == Personal {
		return nil
	}
	e := json.NewEncoder(j.file)
	e.SetEscapeHTML(false)
	return e.Encode(r) // in one write
}

// readJournal reads the last result of each link; whole is how many bytes hold whole lines.
func readJournal(from io.Reader) (results map[string]Result, whole int64, err error) {
	results = map[string]Result{}
	in := bufio.NewReader(from)
	for number := 1; ; number++ {
		line, err := in.ReadString('\n')
		ended := errors.Is(err, io.EOF)
		switch {
		case ended && startsLine(line):
			return results, whole, nil
		case err != nil && !ended:
			return nil, 0, err
		}
		var r Result
		if ended || json.Unmarshal([]byte(line), &r) != nil || r.Link == "" || r.At.IsZero() || !slices.Contains(Verdicts(), r.Verdict) {
			return nil, 0, fmt.Errorf("la ligne %d n'est pas un résultat : ce fichier n'est pas celui d'une vérification de liens", number)
		}
		results[r.Link] = r
		whole += int64(len(line))
	}
}

// startsLine reports whether text is the start of a line of a journal, or nothing at all.
func startsLine(text string) bool {
	const start = `{"lien":"`
	return strings.HasPrefix(text, start) || strings.HasPrefix(start, text)
}
