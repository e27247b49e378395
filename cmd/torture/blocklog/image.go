package blocklog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

const pageSize = 4096

var zeroPage [pageSize]byte

// Image is a disk's content. Pages of zeros take no memory, and pages are never
// changed once they are in place, so that clones share them.
type Image struct {
	size  int64
	pages [][]byte // nil is a page of zeros
}

// NewImage returns an image of size bytes, all zero. The size is rounded up to
// whole pages of 4096 bytes.
func NewImage(size int64) *Image {
	n := (size + pageSize - 1) / pageSize
	return &Image{n * pageSize, make([][]byte, n)}
}

// LoadImage reads an image from the file called name.
func LoadImage(name string) (*Image, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("loading image: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("loading image: %w", err)
	}
	m := NewImage(info.Size())
	buf := make([]byte, 256*pageSize)
	for off := int64(0); off < info.Size(); {
		n, err := f.ReadAt(buf, off)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("loading image %s: %w", name, err)
		}
		if err := m.WriteAt(buf[:n], off); err != nil {
			return nil, err
		}
		off += int64(n)
	}
	return m, nil
}

// Size returns the image's length in bytes.
func (m *Image) Size() int64 { return m.size }

// Clone returns an image of the same content; later writes to one don't show in
// the other.
func (m *Image) Clone() *Image { return &Image{m.size, slices.Clone(m.pages)} }

// Equal reports whether both images hold the same bytes.
func (m *Image) Equal(o *Image) bool {
	return slices.EqualFunc(m.pages, o.pages, func(a, b []byte) bool {
		return bytes.Equal(orZeros(a), orZeros(b))
	})
}

// ReadAt fills p from offset off; what lies beyond the end is left out, with
// [io.EOF].
func (m *Image) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		if off >= m.size {
			return n, io.EOF
		}
		c := copy(p[n:], orZeros(m.pages[off/pageSize])[off%pageSize:])
		n, off = n+c, off+int64(c)
	}
	return n, nil
}

// WriteAt writes p at offset off. A write that reaches beyond the end is an error,
// and nothing of it is written.
func (m *Image) WriteAt(p []byte, off int64) error {
	if off < 0 || off+int64(len(p)) > m.size {
		return fmt.Errorf("writing %d bytes at %d: beyond the disk's %d bytes", len(p), off, m.size)
	}
	for len(p) > 0 {
		i, at := off/pageSize, int(off%pageSize)
		n := min(len(p), pageSize-at)
		m.pages[i] = patch(m.pages[i], p[:n], at)
		p, off = p[n:], off+int64(n)
	}
	return nil
}

// Store writes the image to a new file called name, with holes for zeros.
func (m *Image) Store(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("storing image: %w", err)
	}
	err = f.Truncate(m.size)
	for i := 0; i < len(m.pages) && err == nil; i++ {
		if m.pages[i] != nil {
			_, err = f.WriteAt(m.pages[i], int64(i)*pageSize)
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("storing image: %w", err)
	}
	return nil
}

// patch returns a new page: the old one with p at offset at.
func patch(old, p []byte, at int) []byte {
	page := bytes.Clone(orZeros(old))
	copy(page[at:], p)
	if bytes.Equal(page, zeroPage[:]) {
		return nil
	}
	return page
}

func orZeros(page []byte) []byte {
	if page == nil {
		return zeroPage[:]
	}
	return page
}
