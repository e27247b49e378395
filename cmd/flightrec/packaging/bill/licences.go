package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// module is a module that is linked into flightrec.
type module struct {
	Path, Version string

	dir     string
	folders map[string]bool
	texts   []text
	ids     []string // SPDX identifiers, sorted
}

// text is a file that tells on what terms a module may be passed on.
type text struct {
	name string // below the module
	body []byte
}

// legal are names of such files. Apache 2.0 asks that NOTICE goes along.
var legal = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents)([.-].*)?$`)

// readLicences reads the files of a module that tell its terms. A module without any
// may not be passed on, so that is an error.
func (m *module) readLicences() error {
	found := map[string]bool{}
	for _, folder := range slices.Sorted(maps.Keys(m.folders)) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return fmt.Errorf("reading the licences of %s: %w", m.Path, err)
		}
		for _, e := range entries {
			if e.IsDir() || !legal.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			file := filepath.Join(folder, e.Name())
			body, err := os.ReadFile(file)
			if err != nil {
				return fmt.Errorf("reading the licences of %s: %w", m.Path, err)
			}
			name, err := filepath.Rel(m.dir, file)
			if err != nil {
				return fmt.Errorf("reading the licences of %s: %w", m.Path, err)
			}
			m.texts = append(m.texts, text{filepath.ToSlash(name), body})
			for _, match := range licensecheck.Scan(body).Match {
				if !match.IsURL {
					found[match.ID] = true
				}
			}
		}
	}
	// A grant of patents beside a licence, for which SPDX has no identifier.
	delete(found, "GooglePatentsFile")
	delete(found, "GooglePatentClause")
	m.ids = slices.Sorted(maps.Keys(found))
	if len(m.ids) == 0 {
		return fmt.Errorf("module %s: no licence is known", m.Path)
	}
	return nil
}

// noticesOf returns all texts, one that several modules share once.
func noticesOf(modules []*module) []byte {
	var out bytes.Buffer
	out.WriteString("flightrec contains the following software.\n")
	users := map[string][]string{}
	var order []string
	for _, m := range modules {
		for _, t := range m.texts {
			body := strings.TrimSpace(strings.ReplaceAll(string(t.body), "\r\n", "\n"))
			if users[body] == nil {
				order = append(order, body)
			}
			users[body] = append(users[body], fmt.Sprintf("%s %s (%s)", m.Path, m.Version, t.name))
		}
	}
	for _, body := range order {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 78), strings.Join(users[body], "\n"), body)
	}
	return out.Bytes()
}
