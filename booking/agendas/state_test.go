package agendas

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func folder(t *testing.T, path string, keys ...byte) *Folder {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, bytes.Repeat([]byte{k}, 32))
	}
	f, err := NewFolder(path, all...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func loaded(t *testing.T, f *Folder, name string) string {
	t.Helper()
	state, err := f.Of(name).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(state)
}

func TestWhatAnAgendaRemembersIsItsOwnAndUnreadableOnDisk(t *testing.T) {
	path := t.TempDir()
	f := folder(t, path, 1)
	if got := loaded(t, f, "a"); got != "" {
		t.Errorf("before anything was saved: %q", got)
	}
	for _, text := range []string{"premier", "second"} {
		if err := f.Of("a").Save(t.Context(), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := loaded(t, folder(t, path, 1), "a"), loaded(t, f, "b"); a != "second" || b != "" {
		t.Errorf("a remembers %q, b %q", a, b)
	}
	files, _ := filepath.Glob(filepath.Join(path, "*"))
	if len(files) != 1 {
		t.Fatalf("files = %v", files)
	}
	if data, _ := os.ReadFile(files[0]); bytes.Contains(data, []byte("second")) || len(data) == 0 {
		t.Errorf("the file reads %q", data)
	}
	// Moved to another agenda's place it is nobody's.
	other := f.Of("b").(memory).file
	if err := os.Rename(files[0], other); err != nil {
		t.Fatal(err)
	}
	if got := loaded(t, f, "b"); got != "" {
		t.Errorf("b reads what a wrote: %q", got)
	}
}

func TestAnEarlierSecretStillReads(t *testing.T) {
	path := t.TempDir()
	if err := folder(t, path, 1).Of("a").Save(t.Context(), []byte("texte")); err != nil {
		t.Fatal(err)
	}
	if got := loaded(t, folder(t, path, 2, 1), "a"); got != "texte" {
		t.Errorf("under the next secret: %q", got)
	}
	if got := loaded(t, folder(t, path, 2), "a"); got != "" {
		t.Errorf("without the secret: %q", got)
	}
}

func TestSavingAtOnceLeavesOneWhole(t *testing.T) {
	f := folder(t, t.TempDir(), 1)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			if err := f.Of("a").Save(t.Context(), bytes.Repeat([]byte{'a' + byte(i)}, 100_000)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := loaded(t, f, "a"); len(got) != 100_000 || bytes.Count([]byte(got), []byte(got[:1])) != len(got) {
		t.Errorf("%d bytes are mixed", len(got))
	}
}
