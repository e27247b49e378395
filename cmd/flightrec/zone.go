package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// localZone returns the local time zone under its name in the tz database, which
// time.Local keeps to itself, or time.Local where nothing tells the name.
func localZone() *time.Location {
	name, set := os.LookupEnv("TZ") // tzset(3)
	name = strings.TrimPrefix(name, ":")
	if !set {
		name = zoneOf("/etc/localtime") // localtime(5)
	}
	if zone, err := time.LoadLocation(name); name != "" && err == nil {
		return zone
	}
	return time.Local
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
