package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// work returns how many statements of ground and reports run for n flights of a shape.
func work(t *testing.T, program, name string, n int) (sum float64) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(program, name, fmt.Sprint(n))
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	counts := filepath.Join(dir, "counts")
	if out, err := exec.Command("go", "tool", "covdata", "textfmt", "-i="+dir, "-o="+counts).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(counts)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// file:12.3,14.5 STATEMENTS COUNT, after a line that names the mode. What makes the
		// flights is counted too: without it nothing would be.
		place, numbers, _ := strings.Cut(lines.Text(), " ")
		var statements, count float64
		if _, err := fmt.Sscan(numbers, &statements, &count); err == nil && !strings.Contains(place, "/shapes/") {
			sum += statements * count
		}
	}
	return sum
}

// Four times the flights take at most six times the work, whatever their shape: sorting
// takes five, and what compares each with each takes sixteen. Only where n flights are of
// the square root of n boots by turns, which no machine can have had, windows narrow in as
// many rounds as there are boots: eight times.
func TestLinear(t *testing.T) {
	program := filepath.Join(t.TempDir(), "shapes")
	build := exec.Command("go", "build", "-cover", "-covermode=atomic", "-coverpkg=flightrec/cmd/torture/shapes,flightrec/ground,flightrec/reports", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		t.Run(name, func(t *testing.T) {
			n, most := 1000, 6.0
			if name == "many boots by turns" {
				most = 8
			}
			if strings.HasPrefix(name, "legs ") {
				n = 20
			}
			few, many := work(t, program, name, n), work(t, program, name, 4*n)
			if few < float64(n) {
				t.Fatalf("%v statements for %d flights: nothing was counted", few, n)
			}
			t.Logf("%.0f statements a flight, %.2f times as many for four times the flights", few/float64(n), many/few)
			if many > most*few {
				t.Errorf("%d flights take %.1f times the work of %d", 4*n, many/few, n)
			}
		})
	}
}
