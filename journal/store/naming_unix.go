//go:build unix

package store

import (
	"os"
	"syscall"
	"time"
)

// namingPatience is how long a recorder waits for another one that begins the same
// journal: longer than a takeoff takes on a slow card.
const namingPatience = 5 * time.Second

// lockNaming keeps others from beginning the journal in dir until unlock is called, by
// flock(2) on the folder. Any user who may read the folder could hold that lock, and some
// file systems have no locks, so the recorder goes on without it after namingPatience.
func lockNaming(dir string) (unlock func()) {
	folder, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	locked, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer folder.Close()
		syscall.Flock(int(folder.Fd()), syscall.LOCK_EX)
		close(locked)
		<-gone
	}()
	select {
	case <-locked:
	case <-time.After(namingPatience):
	}
	return func() { close(gone) }
}
