package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestLocalZone(t *testing.T) {
	for tz, want := range map[string]string{
		"Europe/Berlin":  "Europe/Berlin",
		":Europe/Berlin": "Europe/Berlin",
		"UTC":            "UTC",
		"No/Such/Zone":   "Local",
		"":               time.Local.String(),
	} {
		t.Setenv("TZ", tz)
		if got := localZone().String(); got != want {
			t.Errorf("TZ=%q: zone %q, want %q", tz, got, want)
		}
	}
}

func TestZoneOf(t *testing.T) {
	dir := t.TempDir()
	zone := filepath.Join(dir, "zoneinfo", "Europe", "Berlin")
	if err := os.MkdirAll(filepath.Dir(zone), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(zone, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "localtime")
	if err := os.Symlink(zone, link); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{link: "Europe/Berlin", filepath.Join(dir, "none"): "UTC", dir: ""} {
		if got := zoneOf(file); got != want {
			t.Errorf("%s: zone %q, want %q", file, got, want)
		}
	}
}
