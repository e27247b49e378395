package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// snapshotDir is the folder of a copy in its own file system.
const snapshotDir = "lane"

// snapshot is a file system that holds a copy of a lane: logs and manifest in memory,
// tables in place, through files that were opened when the copy was made. Tables never
// change, and a deleted one stays readable until it is closed.
type snapshot struct {
	*vfs.MemFS
	lane     string
	held     bool // a recorder has the lane
	lastTry  bool // no further copy is made: what looks like damage is believed
	logs     []snapshotFile
	manifest snapshotFile
	noStore  error // why there is nothing that the store could open
	refused  []error
	vanished bool // a table that was listed isn't there any more
	tables   map[string]vfs.File
}

// snapshotFile is a file as it stands on disk.
type snapshotFile struct {
	name string
	data []byte
}

// newSnapshot copies a lane, in an order that makes the copy whole although the recorder
// goes on writing: first the logs, then the manifest and its marker, then the tables. If a
// flush removed a log before it could be copied, its operands are in a table, and the
// manifest names it, since it is copied later.
func newSnapshot(dir string) (*snapshot, error) {
	names, err := list(dir)
	if err != nil {
		return nil, err
	}
	s := &snapshot{MemFS: vfs.NewMem(), lane: filepath.Base(dir), tables: map[string]vfs.File{}}
	if err := s.MkdirAll(snapshotDir, 0o755); err != nil {
		return nil, err
	}
	if err := s.copyLogs(dir, pebblefile.LogsOf(names)); err != nil {
		return nil, err
	}
	if err := s.copyManifest(dir); err != nil {
		return nil, err
	}
	if err := s.openTables(dir); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// copyLogs copies logs, all but the last of them without their torn ends.
func (s *snapshot) copyLogs(dir string, names []string) error {
	for i, name := range names {
		data, err := s.readFile(dir, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // flushed meanwhile
		}
		if err != nil {
			return err
		}
		s.logs = append(s.logs, snapshotFile{name, data})
		if i < len(names)-1 {
			data = pebblefile.TrimTail(name, data)
		}
		if err := s.writeFile(name, data); err != nil {
			return err
		}
	}
	return nil
}

// copyManifest copies the markers and the manifest that they name.
func (s *snapshot) copyManifest(dir string) error {
	for range snapshotTries {
		names, err := list(dir)
		if err != nil {
			return err
		}
		manifest := ""
		for _, name := range names {
			if strings.HasPrefix(name, "marker.manifest.") {
				manifest = name[strings.LastIndexByte(name, '.')+1:] // the newest comes last
			}
		}
		if manifest == "" {
			s.noStore = fmt.Errorf("no store in %s: %w", dir, fs.ErrNotExist)
			return nil
		}
		data, err := s.readFile(dir, manifest)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was replaced meanwhile
		}
		if err != nil {
			return err
		}
		s.manifest = snapshotFile{manifest, data}
		if err := s.writeFile(manifest, data); err != nil {
			return err
		}
		for _, name := range names {
			if strings.HasPrefix(name, "marker.") {
				if err := s.writeFile(name, nil); err != nil { // a marker is its name
					return err
				}
			}
		}
		return nil
	}
	s.noStore = vanished{errors.New("the manifest is missing")}
	return nil
}

func (s *snapshot) openTables(dir string) error {
	names, err := list(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ".sst") {
			continue
		}
		if !s.isPlain(dir, name) {
			continue
		}
		f, err := vfs.Default.Open(filepath.Join(dir, name), vfs.RandomReadsOption)
		if errors.Is(err, fs.ErrNotExist) {
			s.vanished = true // if the manifest names it, opening the store will say so
			continue
		}
		if err != nil {
			return err
		}
		s.tables[name] = f
	}
	return nil
}

// maxFile bounds how much of a log or manifest is read into memory: many times the size
// that a recorder gives them.
const maxFile = 16 << 20

// readFile reads a file of a lane, or the first part of one that is too large.
func (s *snapshot) readFile(dir, name string) ([]byte, error) {
	if !s.isPlain(dir, name) {
		return nil, nil
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(data) > maxFile {
		s.refused = append(s.refused, fmt.Errorf("%s: %s: only the first %d bytes are read", s.lane, name, maxFile))
		data = data[:maxFile]
	}
	return data, err
}

// isPlain reports whether a name is that of a regular file, or of nothing. Links could lead
// anywhere, and opening a pipe or a device could block, so others are noted and not opened.
func (s *snapshot) isPlain(dir, name string) bool {
	info, err := os.Lstat(filepath.Join(dir, name))
	if err != nil || info.Mode().IsRegular() {
		return true
	}
	s.refused = append(s.refused, fmt.Errorf("%s: %s: not a file", s.lane, name))
	return false
}

func (s *snapshot) writeFile(name string, data []byte) error {
	f, err := s.Create(s.PathJoin(snapshotDir, name), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(slices.Clone(data)) // vfs.MemFS overwrites its argument under the race detector
	return errors.Join(err, f.Close())
}

func (s *snapshot) close() {
	for _, f := range s.tables {
		f.Close()
	}
}

// List lists the copy's files, tables included.
func (s *snapshot) List(dir string) ([]string, error) {
	names, err := s.MemFS.List(dir)
	for name := range s.tables {
		names = append(names, name)
	}
	return names, err
}

// Open opens a file of the copy.
func (s *snapshot) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	if f := s.tables[s.PathBase(name)]; f != nil {
		return pebblefile.KeepOpen{File: f}, nil
	}
	return s.MemFS.Open(name, opts...)
}

// Stat describes a file of the copy.
func (s *snapshot) Stat(name string) (vfs.FileInfo, error) {
	if f := s.tables[s.PathBase(name)]; f != nil {
		return f.Stat()
	}
	return s.MemFS.Stat(name)
}

// Unwrap returns nil: this file system stands alone.
func (s *snapshot) Unwrap() vfs.FS { return nil }

// list lists a folder, in the order of names.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}
