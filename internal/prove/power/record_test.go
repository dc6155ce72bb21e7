package power

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// files are those that the model knows: all that a ledger needs but the index of its log, which is rebuilt.
var files = []string{"registre.db", "registre.db-wal", "cles.db", "cles.db-wal"}

// calls are the system calls that are recorded: all that the model knows, and those that it would have to know.
const calls = "pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg,pwritev,pwritev2,ftruncate,truncate,fallocate,unlink,unlinkat,rename,renameat,renameat2,sync_file_range"

// kind is what a call did.
type kind uint8

const (
	writes kind = iota + 1
	cuts        // or lengthens: a file has another size
	syncs
	answers // the first bytes of an answer 201
)

// act is one system call that matters. Begin and end are lines of the record: what it did was done between them.
type act struct {
	kind       kind
	file       string
	at         int64 // where it writes, or the size that it gives
	data       []byte
	id         string // of the appointment that is acknowledged
	begin, end int
}

// readRecord reads what strace wrote.
func readRecord(path, folder string) (acts []*act, lines int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r := reader{folder: folder, pending: make(map[string]*act)}
	text := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := text.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return r.acts, r.line, nil
		}
		if err != nil {
			return nil, 0, err
		}
		r.line++
		if err := r.read(line[:len(line)-1]); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w: %.200s", r.line, err, line)
		}
	}
}

type reader struct {
	folder  string
	line    int
	pending map[string]*act // calls that have begun, by thread
	acts    []*act
}

func (r *reader) read(line string) error {
	thread, call, ok := strings.Cut(line, " ")
	if !ok {
		return nil
	}
	call = strings.TrimLeft(call, " ")
	if strings.HasPrefix(call, "<... ") {
		if a := r.pending[thread]; a != nil {
			delete(r.pending, thread)
			return r.ended(a, call)
		}
		return nil
	}
	name, args, ok := strings.Cut(call, "(")
	if !ok || strings.HasPrefix(call, "---") || strings.HasPrefix(call, "+++") {
		return nil
	}
	a, err := r.begun(name, args)
	if a == nil || err != nil {
		return err
	}
	a.begin = r.line
	r.acts = append(r.acts, a)
	if strings.HasSuffix(call, "<unfinished ...>") {
		r.pending[thread] = a
		a.end = int(^uint(0) >> 1) // never, unless it is resumed
		return nil
	}
	return r.ended(a, call)
}

// begun understands a call; nil when it is none of ours. What touches our files in a way that the model does not know is
// an error: the proof would prove nothing.
func (r *reader) begun(name, args string) (*act, error) {
	file := r.fileOf(args)
	if file == "" {
		if (name == "write" || name == "writev" || name == "sendto" || name == "sendmsg") && strings.Contains(args[:min(len(args), 80)], "<TCP:") {
			return answerOf(args)
		}
		return nil, nil
	}
	switch name {
	case "fsync", "fdatasync":
		return &act{kind: syncs, file: file}, nil
	case "pwrite64":
		data, rest, err := quoted(args)
		if err != nil {
			return nil, err
		}
		fields := strings.FieldsFunc(rest, func(c rune) bool { return c == ',' || c == ' ' || c == ')' })
		if len(fields) < 2 || fields[0] != strconv.Itoa(len(data)) {
			return nil, errors.New("power: the record does not hold all that was written")
		}
		at, err := strconv.ParseInt(fields[1], 10, 64)
		return &act{kind: writes, file: file, at: at, data: data}, err
	case "ftruncate":
		_, rest, _ := strings.Cut(args, ">, ")
		size, _, _ := strings.Cut(strings.TrimSuffix(rest, " <unfinished ...>"), ")")
		at, err := strconv.ParseInt(size, 10, 64)
		return &act{kind: cuts, file: file, at: at}, err
	}
	return nil, fmt.Errorf("power: the model of the disk does not know %s", name)
}

// fileOf is which of our files a call names: by its descriptor, or by a path.
func (r *reader) fileOf(args string) string {
	head := args[:min(len(args), len(r.folder)+80)]
	for _, f := range files {
		if path := filepath.Join(r.folder, f); strings.Contains(head, "<"+path+">") || strings.Contains(head, `"`+path+`"`) {
			return f
		}
	}
	return ""
}

func answerOf(args string) (*act, error) {
	if !strings.Contains(args[:min(len(args), 200)], `"HTTP/1.1 201 `) {
		return nil, nil
	}
	text, _, err := quoted(args)
	if err != nil {
		return nil, err
	}
	const location = "Location: /v1/rendez-vous/"
	_, id, ok := bytes.Cut(text, []byte(location))
	if !ok {
		return nil, errors.New("power: an acknowledgement that does not name its appointment")
	}
	id, _, _ = bytes.Cut(id, []byte("\r\n"))
	return &act{kind: answers, id: string(id)}, nil
}

// ended notes that a call has returned, and that it did all that it was asked.
func (r *reader) ended(a *act, call string) error {
	a.end = r.line
	_, result, ok := cutLast(call, ") = ")
	if !ok {
		if strings.Contains(call, ") = ?") || strings.Contains(call, "<unfinished") { // it was killed
			a.end = int(^uint(0) >> 1)
			return nil
		}
		_, result, ok = cutLast(call, "= ")
	}
	result, _, _ = strings.Cut(strings.TrimSpace(result), " ")
	n, err := strconv.Atoi(result)
	switch {
	case result == "?":
		a.end = int(^uint(0) >> 1)
	case !ok || err != nil || n < 0 || a.kind == writes && n != len(a.data):
		return fmt.Errorf("power: a call that failed: %q", result)
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// quoted reads the first string of a call, as strace writes it, and gives what comes behind it.
func quoted(args string) (data []byte, rest string, err error) {
	from := strings.IndexByte(args, '"')
	if from < 0 {
		return nil, "", errors.New("power: no string where one should be")
	}
	data = make([]byte, 0, len(args)-from)
	for i := from + 1; i < len(args); i++ {
		switch c := args[i]; {
		case c == '"':
			if strings.HasPrefix(args[i+1:], "...") {
				return nil, "", errors.New("power: the record cut a string short")
			}
			return data, args[i+1:], nil
		case c != '\\':
			data = append(data, c)
		default:
			if i++; i >= len(args) {
				return nil, "", errors.New("power: a string without its end")
			}
			at := strings.IndexByte(`tnvfr"\`, args[i])
			if at >= 0 {
				data = append(data, "\t\n\v\f\r\"\\"[at])
				continue
			}
			digits := 0
			for digits < 3 && i+digits < len(args) && args[i+digits] >= '0' && args[i+digits] <= '7' {
				digits++
			}
			n, err := strconv.ParseUint(args[i:i+digits], 8, 8)
			if err != nil {
				return nil, "", fmt.Errorf("power: an escape that nobody knows: %w", err)
			}
			data = append(data, byte(n))
			i += digits - 1
		}
	}
	return nil, "", errors.New("power: a string without its end")
}

// count is how many acts of a kind there are.
func count(acts []*act, k kind) (n int) {
	for _, a := range acts {
		if a.kind == k {
			n++
		}
	}
	return n
}

// unsynced lists the acknowledgements that left before the transaction of their appointment was synced: the one that
// first wrote its id to the log, up to the frame that ends it.
func unsynced(acts []*act) (ids []string) {
	log := slices.DeleteFunc(slices.Clone(acts), func(a *act) bool { return a.file != "registre.db-wal" })
	for _, a := range acts {
		if a.kind == answers && !syncedBefore(log, a) {
			ids = append(ids, a.id)
		}
	}
	return ids
}

func syncedBefore(log []*act, answer *act) bool {
	i := slices.IndexFunc(log, func(a *act) bool { return a.kind == writes && bytes.Contains(a.data, []byte(answer.id)) })
	if i < 0 {
		return false
	}
	// The header of a frame (24 bytes) is written before its page; in the last of a transaction, bytes 4 to 8 are not zero.
	if i > 0 {
		i--
	}
	for ; i < len(log); i++ {
		if h := log[i]; h.kind == writes && len(h.data) == 24 && !bytes.Equal(h.data[4:8], []byte{0, 0, 0, 0}) {
			break
		}
	}
	if i+1 >= len(log) {
		return false
	}
	page := log[i+1]
	return slices.ContainsFunc(log[i+1:], func(s *act) bool { return s.kind == syncs && s.begin >= page.end && s.end <= answer.begin })
}
