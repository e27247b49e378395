//go:build !windows

package fleet

import "os"

// createTemporary makes a file that has no name, so that nothing is left of it however the
// process ends.
func createTemporary() (*os.File, error) {
	f, err := os.CreateTemp("", "flightrec-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
