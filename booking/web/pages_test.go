package web

import (
	"io/fs"
	"regexp"
	"testing"
)

// The pages are one set of templates, in which a later part would silently take the place of an earlier one of its name.
func TestNoTwoPartsOfPagesHaveOneName(t *testing.T) {
	files, err := fs.Glob(pageWords, "pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	in := make(map[string]string)
	for _, file := range files {
		text, err := pageWords.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`{{define "([^"]+)"`).FindAllSubmatch(text, -1) {
			if other, there := in[string(found[1])]; there {
				t.Errorf("%s and %s define %q", other, file, found[1])
			}
			in[string(found[1])] = file
		}
	}
	if in["week"] == "" {
		t.Errorf("found are %v", in)
	}
}
