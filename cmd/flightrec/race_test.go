//go:build race

package main

// raceFlags build the program as the tests were built.
var raceFlags = []string{"-race"}
