package store

import (
	"errors"
	"fmt"
	"io/fs"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
)

// snapshotTries bounds how often a lane is copied anew because its recorder's
// compactions were faster.
const snapshotTries = 100

// errMoving says that a lane's recorder removed files faster than they could be copied.
var errMoving = errors.New("lane is being written too fast")

// vanished is an error that is explained if the lane's recorder removed a file while the
// lane was copied: errMoving, then. Where nobody records, it is damage.
type vanished struct{ error }

// Is reports whether the error may be errMoving.
func (vanished) Is(target error) bool { return target == errMoving }

// damageTries is how often a lane that is being written is copied anew before what looks
// like damage is believed.
const damageTries = 5

// withSnapshot calls use with a copy of a lane. It does so again with a new copy if use
// fails in a way that is explained if the lane's recorder wrote meanwhile.
func withSnapshot(dir string, use func(*snapshot) error) error {
	for try := 1; ; try++ {
		held := stateOf(dir).held()
		s, err := newSnapshot(dir)
		if err == nil {
			s.held, s.lastTry = held, try >= damageTries
			err = use(s)
			s.close()
		}
		// A copy that was made while the recorder wrote may look damaged. Real damage is
		// there in every copy, so it is believed after several.
		moving := errors.Is(err, errMoving) && (held && try < snapshotTries || try < damageTries)
		torn := pebble.IsCorruptionError(err) && try < damageTries && held
		if !moving && !torn {
			if held && errors.As(err, new(vanished)) {
				err = fmt.Errorf("%w: %v", errMoving, err)
			}
			return err
		}
	}
}

// open calls use with the store of the copy.
func (s *snapshot) open(use func(*pebble.DB) error) error {
	if s.noStore != nil {
		return s.noStore
	}
	// Pebble panics on some kinds of damage.
	return pebblefile.Guard(func() error {
		opts := storeOptions()
		opts.FS = s
		opts.ReadOnly = true
		opts.Logger = quietLog{}
		// Without a listener, Pebble ends the process where it finds damage.
		opts.EventListener = &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}}
		db, err := pebble.Open(snapshotDir, opts.Options)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return vanished{err}
			}
			return err
		}
		return errors.Join(use(db), db.Close())
	})
}

// quietLog drops what the store says of a copy: its errors are returned.
type quietLog struct{}

func (quietLog) Infof(string, ...any)  {}
func (quietLog) Errorf(string, ...any) {}
func (quietLog) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}
