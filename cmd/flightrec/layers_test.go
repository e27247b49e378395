package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says what each package may import beside the standard library: packages of
// ours, and modules. Whoever adds a line here adds a road between two packages; a
// package or module that isn't named may not be used.
//
//	clock -> journal -> store, recorder ------> cmd
//	              \---> ground -> reports --/
var layers = map[string][]string{
	"journal/clock":      {"golang.org/x/sys"},
	"journal/clock/sntp": {"journal/clock", "github.com/beevik/ntp"},
	"journal":            {"journal/clock", "github.com/go-json-experiment/json", "github.com/segmentio/ksuid"},

	"journal/store":            {"journal", "journal/store/disk", "journal/store/pebblefile", "github.com/cockroachdb/pebble/v2", "github.com/segmentio/ksuid"},
	"journal/store/disk":       {"journal/store/pebblefile", "github.com/cockroachdb/pebble/v2", "github.com/moby/sys/mountinfo", "golang.org/x/sys"},
	"journal/store/pebblefile": {"github.com/cockroachdb/pebble/v2"},

	"journal/blackbox":    {"journal", "golang.org/x/sys"},
	"journal/recorder":    {"journal", "journal/clock", "journal/clock/sntp", "github.com/segmentio/ksuid"},
	"ground":              {"journal", "journal/clock", "github.com/segmentio/ksuid"},
	"ground/fleet":        {"journal", "github.com/segmentio/ksuid", "golang.org/x/sys"},
	"reports":             {"ground", "ground/fleet", "journal", "journal/clock", "github.com/segmentio/ksuid"},
	"reports/render":      {"reports", "ground", "journal", "journal/clock", "github.com/rivo/uniseg"},
	"cmd/flightrec/early": {}, // so that it begins first
	// The tool that makes the manual is this program under a build tag.
	"cmd/flightrec": {"cmd/flightrec/early", "cmd/flightrec/packaging/manual", "reports", "reports/render", "ground", "ground/fleet", "journal", "journal/store", "journal/recorder", "journal/blackbox", "journal/clock", "journal/clock/sntp", "github.com/segmentio/ksuid", "github.com/urfave/cli/v2", "github.com/coreos/go-systemd/v22", "github.com/xrash/smetrics", "github.com/klauspost/compress", "github.com/prometheus/common", "golang.org/x/net", "golang.org/x/sys", "golang.org/x/term"},

	// Test beds and tools, which no package of the product may import.
	"journal/clock/ntptest": {"golang.org/x/sys"},
	"reports/reportstest":   {"ground", "journal", "journal/clock", "journal/journaltest"},
	"journal/journaltest":   {"journal", "journal/clock", "github.com/segmentio/ksuid"},
	"cmd/torture/worlds":    {"journal/store"}, // tests alone
	"cmd/torture/uml":       {"journal/clock", "journal/clock/ntptest", "golang.org/x/sys"},
	"cmd/torture/shapes":    {"reports", "journal", "journal/clock", "journal/journaltest", "github.com/segmentio/ksuid"},
	"cmd/torture/blocklog":  {"github.com/hanwen/go-fuse/v2", "golang.org/x/sys"},
	"cmd/torture":           append(product, "cmd/torture/blocklog", "journal/store", "golang.org/x/sys"),
	"cmd/bench":             append(product, "journal/journaltest", "journal/store", "github.com/cockroachdb/pebble/v2", "golang.org/x/sys"),

	"cmd/flightrec/packaging/bill":   {"github.com/google/licensecheck"},
	"cmd/flightrec/packaging/manual": {"github.com/urfave/cli/v2"},
}

// product is what tools and tests see of the product.
var product = []string{
	"reports", "reports/render", "ground", "journal", "journal/recorder", "journal/clock", "journal/clock/sntp", "github.com/segmentio/ksuid",
}

// inTests is what any package may import in its tests in addition.
var inTests = append(product,
	"journal/clock/ntptest", "journal/journaltest", "reports/reportstest", "cmd/torture/uml", "golang.org/x/sys",
	"pgregory.net/rapid", "github.com/rogpeppe/go-internal", "golang.org/x/tools", "github.com/santhosh-tekuri/jsonschema/v6", "github.com/creack/pty", "github.com/prometheus/common", "github.com/hanwen/go-fuse/v2",
)

// root is the module's folder.
const root = "../.."

// TestLayers checks each import of each file, for whatever system it is.
func TestLayers(t *testing.T) {
	unused := maps.Clone(layers)
	for _, file := range goFiles(t) {
		folder := filepath.ToSlash(filepath.Dir(file))
		allowed, ok := layers[folder]
		if !ok {
			t.Errorf("%s: %s is no package of the list", file, folder)
		}
		delete(unused, folder)
		if strings.HasSuffix(file, "_test.go") {
			allowed = slices.Concat(allowed, inTests)
		}
		for _, path := range importsOf(t, file) {
			if !isAllowed(path, allowed) {
				t.Errorf("%s may not import %s", file, path)
			}
		}
	}
	for folder := range unused {
		t.Errorf("package %s is gone", folder)
	}
}

// plain are the packages that work on a text file of flights as well as on a journal:
// nothing that they import may lead to the store.
var plain = []string{"journal", "journal/journaltest", "ground", "reports"}

// TestPlain follows the imports of plain packages to their end.
func TestPlain(t *testing.T) {
	imports := map[string][]string{}
	for _, file := range goFiles(t) {
		if folder := filepath.ToSlash(filepath.Dir(file)); !strings.HasSuffix(file, "_test.go") {
			imports[folder] = append(imports[folder], importsOf(t, file)...)
		}
	}
	for folder := range imports {
		if strings.HasPrefix(folder, "reports/") {
			plain = append(plain, folder)
		}
	}
	for _, folder := range plain {
		if len(imports[folder]) == 0 {
			t.Errorf("%s imports nothing", folder)
		}
		seen := map[string]bool{}
		var follow func(folder, way string)
		follow = func(folder, way string) {
			for _, path := range imports[folder] {
				ours, isOurs := strings.CutPrefix(path, "flightrec/")
				switch {
				case seen[path]:
				case strings.Contains(path, "cockroachdb/pebble") || strings.HasPrefix(ours, "journal/store"):
					t.Errorf("%s leads to %s", way, path)
				case isOurs:
					seen[path] = true
					follow(ours, way+" -> "+ours)
				}
			}
		}
		follow(folder, folder)
	}
}

// isAllowed reports whether a path is of the standard library, or among the packages
// and modules that are allowed. Of ours each package is named, of a module all are
// meant.
func isAllowed(path string, allowed []string) bool {
	if ours, ok := strings.CutPrefix(path, "flightrec/"); ok {
		return slices.Contains(allowed, ours)
	}
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") || slices.ContainsFunc(allowed, func(module string) bool {
		return path == module || strings.HasPrefix(path, module+"/")
	})
}

// TestIsAllowed checks the check.
func TestIsAllowed(t *testing.T) {
	allowed := []string{"journal", "golang.org/x/sys"}
	for path, want := range map[string]bool{
		"io/fs": true, "flightrec/journal": true, "golang.org/x/sys/unix": true,
		"flightrec/journal/clock": false, "flightrec/cmd/bench": false, "golang.org/x/system": false, "github.com/x/journal": false,
	} {
		if isAllowed(path, allowed) != want {
			t.Errorf("%s allowed: %v, want %v", path, !want, want)
		}
	}
}

// goFiles returns the paths of all Go files, relative to the root.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, top := range topFolders(t) {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			path, err = filepath.Rel(root, path)
			files = append(files, path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 100 {
		t.Fatalf("only %d Go files", len(files))
	}
	return files
}

// importsOf returns what a file imports.
func importsOf(t *testing.T, file string) (paths []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// TestFolders checks that the folders at the top are those of the design: beside
// them is what Git ignores, and what begins with a dot.
func TestFolders(t *testing.T) {
	want := []string{"cmd", "ground", "journal", "reports", "testdata"}
	if got := topFolders(t); !slices.Equal(got, want) {
		t.Errorf("folders at the top: %v, want %v", got, want)
	}
}

// topFolders returns the folders at the top, sorted.
func topFolders(t *testing.T) (names []string) {
	t.Helper()
	ignored, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(ignored))
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() && !strings.HasPrefix(name, ".") && !slices.Contains(lines, "/"+name+"/") {
			names = append(names, name)
		}
	}
	return names
}
