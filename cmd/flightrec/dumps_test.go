package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// What is packed is unpacked, and what is not is left alone, also where it is short.
func TestUnpacked(t *testing.T) {
	pack := map[string]func(io.Writer) (io.WriteCloser, error){
		"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
	}
	for _, text := range []string{"", "{", "{}\n", "\x1f", "a dump of several lines\nthis is the second\n"} {
		packed := map[string][]byte{"nothing": []byte(text)}
		for name, by := range pack {
			var b bytes.Buffer
			w, err := by(&b)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(w, text)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if text != "" || name == "gzip" { // zstd makes nothing of nothing
				packed[name] = b.Bytes()
			}
		}
		for name, data := range packed {
			r, err := unpacked(bytes.NewReader(data))
			if err != nil {
				t.Errorf("%q packed by %s: %v", text, name, err)
				continue
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != text {
				t.Errorf("%q packed by %s: %q, %v", text, name, got, err)
			}
			r.Close()
		}
	}
}

// What is cut off is an error, not an end.
func TestUnpackedCut(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, "a dump of several lines\nthis is the second\n")
	w.Close()
	r, err := unpacked(bytes.NewReader(b.Bytes()[:b.Len()-6]))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err == nil {
		t.Errorf("%q, and no error", text)
	}
}
