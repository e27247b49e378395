// Command bill writes down what a binary of flightrec is made of: the licence texts of
// all modules that are linked into it, and an SPDX document that names them.
//
// What is linked depends on the system, so all systems are named, and the bill is of
// what any of them needs. Licence texts come from the module cache. The same source
// gives the same bytes.
//
//	bill -version V -date SECONDS -notices FILE -spdx FILE GOOS/GOARCH...
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// program is the package whose bill is written.
const program = "./cmd/flightrec"

func main() {
	log.SetFlags(0)
	log.SetPrefix("bill: ")
	version := flag.String("version", "", "flightrec's `VERSION`")
	date := flag.Int64("date", 0, "when the source is from, in `SECONDS` since 1970")
	tags := flag.String("tags", "", "the build's `TAGS`")
	notices := flag.String("notices", "", "write the licence texts to `FILE`")
	spdx := flag.String("spdx", "", "write the SPDX document to `FILE`")
	flag.Parse()
	err := write(*version, time.Unix(*date, 0).UTC(), *tags, *notices, *spdx, flag.Args())
	if err != nil {
		log.Fatal(err)
	}
}

func write(version string, date time.Time, tags, notices, spdx string, platforms []string) error {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("asking for Go's folder: %w", err)
	}
	// The module "stdlib" is how tools that look for vulnerabilities call the standard library.
	modules := map[string]*module{}
	add(modules, "stdlib", strings.TrimPrefix(runtime.Version(), "go"), strings.TrimSpace(string(goroot)), "")
	for _, p := range platforms {
		if err := list(modules, p, tags); err != nil {
			return err
		}
	}
	var sorted []*module
	for _, m := range modules {
		if err := m.readLicences(); err != nil {
			return err
		}
		sorted = append(sorted, m)
	}
	slices.SortFunc(sorted, func(a, b *module) int { return cmp.Compare(a.Path, b.Path) })
	document, err := json.MarshalIndent(newDocument(version, date, sorted), "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the SPDX document: %w", err)
	}
	return errors.Join(
		os.WriteFile(notices, noticesOf(sorted), 0o644),
		os.WriteFile(spdx, append(document, '\n'), 0o644))
}

// goPackage is what `go list -json` tells of a package.
type goPackage struct {
	Dir    string
	Module *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// list adds the modules of a platform's binary.
func list(modules map[string]*module, platform, tags string) error {
	goos, goarch, ok := strings.Cut(platform, "/")
	if !ok {
		return fmt.Errorf("platform %q: not GOOS/GOARCH", platform)
	}
	cmd := exec.Command("go", "list", "-deps", "-tags", tags, "-json=Dir,Module", program)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("listing the packages of %s: %w", platform, err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading the packages of %s: %w", platform, err)
		}
		if p.Module != nil && !p.Module.Main {
			add(modules, p.Module.Path, p.Module.Version, p.Module.Dir, p.Dir)
		}
	}
}

// add adds a module, and the folders between it and one of its packages, where further
// licences may stand.
func add(modules map[string]*module, path, version, dir, packageDir string) {
	m := modules[path]
	if m == nil {
		m = &module{Path: path, Version: version, dir: dir, folders: map[string]bool{dir: true}}
		modules[path] = m
	}
	for d := packageDir; len(d) > len(dir); d = filepath.Dir(d) {
		m.folders[d] = true
	}
}
