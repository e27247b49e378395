package journal

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// uuidOf returns the bytes of a UUID that is spelt as Linux spells it.
func uuidOf(text string) (id [uuidSize]byte, ok bool) {
	if len(text) != uuidLen {
		return id, false
	}
	n, err := hex.Decode(id[:], []byte(text[:8]+text[9:13]+text[14:18]+text[19:23]+text[24:]))
	return id, err == nil && n == len(id) && uuidText(id[:]) == text
}

const (
	uuidSize = 16
	uuidLen  = 36 // as text
)

// NewJournalID makes the ID of a new journal: a random UUID (RFC 9562, version 4).
func NewJournalID() string {
	var id [uuidSize]byte
	rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return uuidText(id[:])
}

// uuidText is the inverse of uuidOf.
func uuidText(id []byte) string { return new(uuidTexts).of(id) }

// uuidTexts spells UUIDs. A report of ten years has so many that each is not given
// memory of its own.
type uuidTexts struct{ room strings.Builder }

// of returns the text of a UUID, which must be whole.
func (t *uuidTexts) of(id []byte) string {
	if t.room.Cap()-t.room.Len() < uuidLen {
		const most = 512
		room := min(max(uuidLen, 2*t.room.Cap()), most*uuidLen)
		t.room = strings.Builder{}
		t.room.Grow(room)
	}
	var text [uuidLen]byte
	to := 0
	for _, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:uuidSize]} {
		to += hex.Encode(text[to:], part)
		if to < uuidLen {
			text[to] = '-'
			to++
		}
	}
	at := t.room.Len()
	t.room.Write(text[:])
	return t.room.String()[at:]
}
