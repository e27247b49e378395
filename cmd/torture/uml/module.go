//go:build linux && amd64

package uml

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Load loads a module of the machine's kernel that needs no other: "net/veth", as
// it lies in the kernel's drivers.
func (m *Machine) Load(module string) {
	m.t.Helper()
	m.must(request{Op: "load", Args: []string{module}})
}

// load does what Load asks for. The modules come with the kernel.
func load(module string) error {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err
	}
	path := filepath.Join("usr/lib/uml/modules", unix.ByteSliceToString(name.Release[:]), "kernel/drivers", module+".ko")
	for _, root := range []string{"/", guestParts} {
		file, err := os.Open(filepath.Join(root, path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		defer file.Close()
		if err := unix.FinitModule(int(file.Fd()), "", 0); err != nil {
			return fmt.Errorf("loading %s: %w", file.Name(), err)
		}
		return nil
	}
	return fmt.Errorf("no module %s", path)
}
