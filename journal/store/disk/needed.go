package disk

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"flightrec/journal/store/pebblefile"
)

// isNeeded reports whether a store can't go on without a file.
func isNeeded(name string) bool {
	return pebblefile.IsLog(name) || isManifest(name) || isMarker(name) || strings.HasSuffix(name, ".sst")
}

// Missing returns which file that the store needs was removed or cut short behind its
// back: what is open can still be written to, and nobody would ever read it. It writes
// nothing, not even a folder's time of access.
func (fs *Deferred) Missing() error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for name, least := range fs.needed {
		if fs.log != nil && fs.log.name == name {
			least = fs.log.end.Load()
		}
		switch info, err := fs.Breaker.Stat(fs.PathJoin(fs.dir, name)); {
		case errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("%s was removed", name)
		case err == nil && info.Size() < least:
			return fmt.Errorf("%s was cut short", name)
		}
	}
	return nil
}
