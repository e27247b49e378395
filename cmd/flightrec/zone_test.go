package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestLocalZone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none")
	const posix = "CET-1CEST,M3.5.0,M10.5.0/3"
	for tz, want := range map[string]string{
		"Europe/Berlin":  "Europe/Berlin",
		":Europe/Berlin": "Europe/Berlin",
		"UTC":            "UTC",
		"":               "UTC",
		posix:            posix,
		"<+0330>-3:30":   "<+0330>-3:30",
	} {
		t.Setenv("TZ", tz)
		if got, err := localZone(); err != nil || got.String() != want {
			t.Errorf("TZ=%q: zone %q, %v; want %q", tz, got, err, want)
		}
	}
	for _, tz := range []string{"No/Such/Zone", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/3,", "X", "a\nb", file} {
		t.Setenv("TZ", tz)
		if got, err := localZone(); err == nil || got != time.UTC {
			t.Errorf("TZ=%q: zone %q, %v; want UTC, and an error", tz, got, err)
		}
	}
}

// A zone by POSIX has the offsets of the zone of the tz database that it is for.
func TestPosixZone(t *testing.T) {
	for tz, name := range map[string]string{
		"CET-1CEST,M3.5.0,M10.5.0/3":           "Europe/Berlin",
		"EST5EDT,M3.2.0,M11.1.0":               "America/New_York",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0": "Australia/Lord_Howe",
		"IST-5:30":                             "Asia/Kolkata",
	} {
		posix, ok := posixZone(tz)
		if !ok {
			t.Errorf("%s isn't read", tz)
			continue
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2030; at = at.Add(3 * time.Hour) {
			if got, want := at.In(posix).Format(time.RFC3339), at.In(zone).Format(time.RFC3339); got != want {
				t.Fatalf("%s: %s, but %s in %s", tz, got, want, name)
			}
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
