package store

import (
	"fmt"
	"log/slog"
	"time"

	"flightrec/journal/store/disk"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// formatVersion is the version of the store's files. It is part of the format:
// an older flightrec can't open a newer one.
const formatVersion = pebble.FormatWALSyncChunks

// options say how a lane's store works.
type options struct {
	*pebble.Options
	patience time.Duration // how long a store that has lost its disk may take to come to its end
}

// storeOptions are those of a small store that is written to every few seconds.
func storeOptions() options {
	opts := &pebble.Options{
		FS:                          vfs.Default,
		FormatMajorVersion:          formatVersion,
		Merger:                      merger,
		CacheSize:                   256 << 10,
		MaxOpenFiles:                64,
		MemTableSize:                256 << 10,
		MemTableStopWritesThreshold: 4,
		DisableTableStats:           true,
	}
	for i := range opts.TargetFileSizes {
		opts.TargetFileSizes[i] = 64 << 20
	}
	// What flights have in common is compressed within a block alone: 6,000 of them with
	// vitals take 1.9 MB instead of the 2.5 of blocks of 4 KiB.
	for i := range opts.Levels {
		opts.Levels[i].BlockSize = 32 << 10
	}
	// The columns of the newer tables are read at unaligned addresses on big-endian
	// machines, which MIPS doesn't allow.
	opts.Experimental.EnableColumnarBlocks = func() bool { return false }
	opts.Experimental.FileCacheShards = 1
	return options{opts, 5 * time.Second}
}

// clone returns a copy that can be changed.
func (o options) clone() options { return options{o.Clone(), o.patience} }

// readerOptions are those of a table that is read without its store.
func readerOptions() sstable.ReaderOptions {
	opts := storeOptions()
	opts.EnsureDefaults()
	return opts.MakeReaderOptions()
}

// storeLog keeps the store's chatter from the user.
type storeLog struct {
	log  *slog.Logger
	disk *disk.Breaker
}

// Infof drops the message.
func (storeLog) Infof(string, ...any) {}

// Errorf logs the message as a warning.
func (l storeLog) Errorf(format string, args ...any) {
	l.log.Warn("store", "says", fmt.Sprintf(format, args...))
}

// Fatalf is called by Pebble where it can't go on. It must not return, so its goroutine
// stays here for ever; the caller that waits for the store gets the message as an error.
func (l storeLog) Fatalf(format string, args ...any) {
	l.disk.Trip(fmt.Errorf(format, args...))
	select {}
}

// events replaces what Pebble does by default in events that would end the process or keep
// it busy.
func (l storeLog) events() *pebble.EventListener {
	return &pebble.EventListener{
		// Pebble tries a compaction whose tables can't be read again at once and for ever.
		// A pause keeps the processor free until the store is closed.
		BackgroundError: func(err error) {
			l.disk.Trip(err)
			time.Sleep(100 * time.Millisecond)
		},
		// The background error that follows says the same, and this one ends the
		// process if nobody listens.
		DataCorruption: func(pebble.DataCorruptionInfo) {},
	}
}
