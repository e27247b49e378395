//go:build linux

package main

import (
	"errors"
	"slices"
)

// An undo holds what is to be undone, in the order in which it was done.
type undo struct{ steps []func() error }

// add has step run when the rest of what came after it is undone.
func (u *undo) add(step func() error) { u.steps = append(u.steps, step) }

// run undoes all of it, the latest first. A step that fails keeps no other from
// being tried.
func (u *undo) run() error {
	var errs []error
	for _, step := range slices.Backward(u.steps) {
		errs = append(errs, step())
	}
	u.steps = nil
	return errors.Join(errs...)
}
