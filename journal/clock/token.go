//go:build linux || freebsd || dragonfly || netbsd || openbsd

package clock

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// bootToken returns a random UUID that stays the same until the machine boots, for
// systems without a boot ID. It is kept in dir, which the system empties at boot. A file
// that survives a boot is recognised by its boot clock, which is ahead of now's. A
// recorder that may not write in dir uses the token that another has left there. The
// token is empty if there is none.
func bootToken(dir string, boot time.Duration) string {
	f, err := openToken(filepath.Join(dir, "flightrec.boot"))
	if err != nil {
		return ""
	}
	defer f.Close()
	// Two recorders that start at once must agree.
	if unix.Flock(int(f.Fd()), unix.LOCK_EX) != nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(f, 128))
	if err != nil {
		return ""
	}
	if id, ok := parseToken(string(text), boot); ok {
		return id.String()
	}
	return writeToken(f, boot)
}

// openToken opens the file to write it, or else to read it.
func openToken(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o644)
	if errors.Is(err, fs.ErrPermission) {
		return os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	}
	return f, err
}

// parseToken reads a token's file: the UUID, and the boot clock at its making.
func parseToken(text string, boot time.Duration) (id uuid, ok bool) {
	var digits string
	var made time.Duration
	if n, _ := fmt.Sscan(text, &digits, &made); n != 2 || made > boot {
		return id, false
	}
	return parseUUID(digits)
}

func writeToken(f *os.File, boot time.Duration) string {
	var id uuid
	rand.Read(id[:])
	text := fmt.Sprintf("%v %d\n", id.random(), boot)
	if f.Truncate(0) != nil {
		return ""
	}
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		return ""
	}
	return id.random().String()
}
