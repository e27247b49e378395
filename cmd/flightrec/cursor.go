package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"flightrec/journal"
)

// cursorSchema names the format of a cursor's file, which begins with cursorBegin.
const (
	cursorSchema = "flightrec.cursor/1"
	cursorBegin  = `{"schema":"flightrec.cursor/`
)

// digest stands for a line of a dump: what SHA-256 makes of it begins so. That a line that
// changed has the digest of another one is less likely than a disk that errs.
type digest [8]byte

func digestOf(line []byte) digest {
	sum := sha256.Sum256(line)
	return digest(sum[:8])
}

// A cursor notes which lines of a dump were told. One whose file is "" is kept nowhere.
type cursor struct {
	file     string
	held     []byte // what the file holds
	journals []string
	told     map[digest]bool
}

// cursorFile is a cursor as its file has it.
type cursorFile struct {
	Schema   string   `json:"schema"`
	Journals []string `json:"journals"` // their IDs, sorted
	Told     []byte   `json:"told"`     // the digests, sorted
}

// openCursor reads the cursor of this file name, or begins one where there is none. Of one
// that is damaged it tells warn, and begins anew: all is told once more. A file that is no
// cursor is an error, since it would be written over.
func openCursor(name string, warn func(error)) (*cursor, error) {
	c := &cursor{told: map[digest]bool{}}
	if name == "" {
		return c, nil
	}
	failed := func(err error) (*cursor, error) { return nil, fmt.Errorf("reading cursor %s: %w", name, errOnly(err)) }
	// Renamed is what a symbolic link points to.
	file, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		c.file = name
		if _, err := os.Stat(filepath.Dir(name)); err != nil {
			return failed(err)
		}
		return c, nil
	}
	if err != nil {
		return failed(err)
	}
	c.file = file
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return failed(err)
	case !info.Mode().IsRegular():
		return failed(errors.New("not a file"))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return failed(err)
	}
	begin := text[:min(len(text), len(cursorBegin))]
	switch {
	case len(text) == 0:
		return c, nil
	case len(bytes.Trim(text, "\x00")) > 0 && string(begin) != cursorBegin:
		return nil, hintError{fmt.Errorf("reading cursor %s: it is no cursor of flightrec, and stays as it is", name), "Name a file of its own with --cursor FILE."}
	}
	var f cursorFile
	if err := json.Unmarshal(text, &f); err != nil || f.Schema != cursorSchema || len(f.Told)%len(digest{}) != 0 {
		warn(fmt.Errorf("cursor %s is damaged, or of another version: all is told anew", name))
		return c, nil
	}
	c.held, c.journals = text, f.Journals
	for part := range slices.Chunk(f.Told, len(digest{})) {
		c.told[digest(part)] = true
	}
	return c, nil
}

// noteJournals notes of which journals the flights are, and tells warn if the cursor was of
// others.
func (c *cursor) noteJournals(flights []journal.Flight, warn func(error)) {
	var ids []string
	for i := range flights {
		if id := flights[i].Takeoff.Journal; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if ours := func(id string) bool { return slices.Contains(ids, id) }; len(ids) > 0 && len(c.journals) > 0 && !slices.ContainsFunc(c.journals, ours) {
		warn(fmt.Errorf("cursor %s was of another journal (%s): all is told anew", c.file, c.journals[0]))
	}
	if len(ids) > 0 {
		c.journals = ids
	}
}

// move notes that these lines were told, and no others. It writes the file beside, syncs
// and renames it, unless the file holds that already. The folder isn't synced: an older
// cursor tells more than it need.
func (c *cursor) move(told map[digest]bool) error {
	c.told = told
	if c.file == "" {
		return nil
	}
	f := cursorFile{Schema: cursorSchema, Journals: c.journals, Told: make([]byte, 0, len(told)*len(digest{}))}
	all := make([]digest, 0, len(told))
	for d := range told {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	for _, d := range all {
		f.Told = append(f.Told, d[:]...)
	}
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // none of these types can fail
	}
	text = append(text, '\n')
	if bytes.Equal(text, c.held) {
		return nil
	}
	if err := writeBeside(c.file, text); err != nil {
		return hintError{fmt.Errorf("moving cursor %s: %w", c.file, errOnly(err)), "What was told comes once more the next time."}
	}
	c.held = text
	return nil
}

// writeBeside replaces a file by one of this content, whole or not at all.
func writeBeside(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = cmp.Or(err, f.Sync())
	err = cmp.Or(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// errOnly returns an error of a file without the file's name.
func errOnly(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
