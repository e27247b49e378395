package disk

import "github.com/cockroachdb/pebble/v2/vfs"

// walRoom is how much room is made for a log at a time: some 400 heartbeats. A
// log that has room goes on being durable while the disk is full.
const walRoom = 32 << 10

// walFile is a store's log on disk. It decides how room is made for it, which is
// what a heartbeat costs beyond itself; see prewrites.
type walFile struct {
	vfs.File
	zeros bool  // make room by writing zeros, so that heartbeats overwrite
	end   int64 // how far the log reaches
	room  int64 // how far there is room
}

// Write appends to the log. That room can't be made is no error yet: the write itself may
// succeed.
func (l *walFile) Write(p []byte) (int, error) {
	if next := l.end + int64(len(p)); next > l.room {
		room := (next + walRoom - 1) / walRoom * walRoom
		var err error
		if l.zeros {
			_, err = l.File.WriteAt(make([]byte, room-l.end), l.end)
		} else {
			err = l.File.Preallocate(l.room, room-l.room)
		}
		if err == nil {
			l.room = room
		}
	}
	n, err := l.File.Write(p)
	l.end += int64(n)
	return n, err
}

// Preallocate does nothing: Write makes room, and less of it than the store would
// ask for.
func (*walFile) Preallocate(int64, int64) error { return nil }
