package fleet

import (
	"os"
	"path/filepath"

	"github.com/segmentio/ksuid"
	"golang.org/x/sys/windows"
)

// createTemporary makes a file that Windows removes when it is closed, however the process
// ends.
func createTemporary() (*os.File, error) {
	name := filepath.Join(os.TempDir(), "flightrec-"+ksuid.New().String())
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|windows.FILE_FLAG_DELETE_ON_CLOSE, 0o600)
}
