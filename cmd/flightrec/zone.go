package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// localZone returns the local time zone under its name in the tz database, which
// time.Local keeps to itself, or time.Local where nothing tells the name. If $TZ is no
// zone it returns UTC and an error.
func localZone() (*time.Location, error) {
	tz, set := os.LookupEnv("TZ") // tzset(3)
	name := strings.TrimPrefix(tz, ":")
	switch {
	case set && filepath.IsAbs(name):
		if data, err := os.ReadFile(name); err == nil {
			if zone, err := time.LoadLocationFromTZData(name, data); err == nil {
				return zone, nil
			}
		}
	case set:
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
		if zone, ok := posixZone(name); ok {
			return zone, nil
		}
	case runtime.GOOS != "windows":
		name = zoneOf("/etc/localtime") // localtime(5)
		if zone, err := time.LoadLocation(name); name != "" && err == nil {
			return zone, nil
		}
	}
	if set {
		return time.UTC, fmt.Errorf("$TZ is %q, which is no time zone that is known here", tz)
	}
	return time.Local, nil
}

// zoneOf returns the name of the zone that a file of the tz database is for, or
// "UTC" if there is no such file, as the C library has it.
func zoneOf(file string) string {
	path, err := filepath.EvalSymlinks(file)
	if os.IsNotExist(err) {
		return "UTC"
	}
	_, name, _ := strings.Cut(filepath.ToSlash(path), "/zoneinfo/")
	return name
}

// posixZone returns the zone that a TZ string of POSIX describes, such as
// CET-1CEST,M3.5.0,M10.5.0/3, and reports whether it is one. Package time reads such
// strings at the end of a file of the tz database, so it is given a file (RFC 9636) that
// holds nothing else.
func posixZone(tz string) (*time.Location, bool) {
	const unread = "?" // the abbreviation that shows where the string isn't understood
	if strings.ContainsAny(tz, "\x00\n") {
		return nil, false
	}
	block := []byte("TZif2" + strings.Repeat("\x00", 15))
	// The numbers of isutc, isstd, leap seconds, transitions, types, and characters of
	// abbreviations.
	for _, n := range []uint32{0, 0, 0, 0, 1, uint32(len(unread) + 1)} {
		block = binary.BigEndian.AppendUint32(block, n)
	}
	block = append(block, "\x00\x00\x00\x00\x00\x00"+unread+"\x00"...)               // the one type: UTC
	file := append(append(append([]byte(nil), block...), block...), "\n"+tz+"\n"...) // with 32 bits, with 64
	zone, err := time.LoadLocationFromTZData(tz, file)
	if err != nil {
		return nil, false
	}
	abbreviation, _ := time.Unix(0, 0).In(zone).Zone()
	return zone, abbreviation != unread
}
