//go:build !linux

package main

// forgetStart does nothing: how much of a program is resident is the system's affair.
func forgetStart() {}
