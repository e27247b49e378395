package journal

import (
	"encoding/binary"
	"time"

	"flightrec/journal/clock"
)

// The kinds of records. They are part of the format and don't change. A kind
// that isn't listed comes from a newer version and is carried on verbatim.
const (
	kindOpaque  = 0 // an operand that isn't a sequence of records, kept as it was found
	kindTakeoff = 1
	kindBeat    = 2
	kindLanding = 3
	kindNext    = 4 // a heartbeat, by what it differs in from the one right before it
	kindBoot    = 5 // a takeoff whose boot ID is a UUID
	kindOrigin  = 6 // more of a takeoff: the machine, the clocks and the recorder
	kindJournal = 7 // more of a takeoff: which journal it is in
	kindTarget  = 8 // more of a landing: what the machine was shutting down to

	kindEvidence = 9  // how the boot came about
	kindVitals   = 10 // what was measured with the heartbeat before
	kindExtremes = 11 // what stands for the first of those
)

// Bits of a beat's flags, part of the format.
const (
	flagRaw      = 1 << iota // the raw clock follows
	flagMaxError             // the maximum error follows
	flagLeg                  // of kindNext: the leg follows, which is another one
)

// Record is what Append writes: a [Takeoff], [Evidence], a [Beat], a [Sample] or a
// [Landing].
type Record interface {
	// appendRecord appends the record's kind and its body, for a log in which it stands
	// right behind the heartbeat before, or nil if that is none.
	appendRecord(dst []byte, before *Beat) (kind byte, body []byte)
}

// verbatim is a record that isn't understood.
type verbatim struct {
	k    byte
	body []byte
}

func (v verbatim) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	return v.k, append(dst, v.body...)
}

func (b Beat) appendRecord(dst []byte, before *Beat) (byte, []byte) {
	flags := b.flags()
	if before == nil {
		dst = binary.AppendUvarint(dst, b.Leg)
		dst = append(dst, byte(b.Cause), byte(b.Sync), flags)
		dst = appendString(dst, string(b.Source))
		return kindBeat, b.appendClocks(dst, &Fix{Wall: -Instant(b.Elapsed)})
	}
	if b.sameLeg(before) {
		dst = append(dst, flags)
	} else {
		dst = append(dst, flags|flagLeg)
		dst = binary.AppendUvarint(dst, b.Leg)
		dst = append(dst, byte(b.Cause), byte(b.Sync))
		dst = appendString(dst, string(b.Source))
	}
	return kindNext, b.appendClocks(dst, &before.Fix)
}

// appendClocks appends the count and what the clocks differ in from those of a fix.
// All differences wrap around, so that none is too great.
func (b *Beat) appendClocks(dst []byte, from *Fix) []byte {
	dst = binary.AppendUvarint(dst, b.Count)
	dst = binary.AppendVarint(dst, int64(b.Elapsed-from.Elapsed))
	dst = binary.AppendVarint(dst, int64((b.Elapsed-b.Awake)-(from.Elapsed-from.Awake)))
	dst = binary.AppendVarint(dst, int64((b.Wall-Instant(b.Elapsed))-(from.Wall-Instant(from.Elapsed))))
	if b.Raw != clock.Unknown {
		dst = binary.AppendVarint(dst, int64((b.Raw-b.Awake)-(from.Raw-from.Awake)))
	}
	if b.MaxError != clock.Unknown {
		dst = binary.AppendVarint(dst, int64(b.MaxError))
	}
	return dst
}

// flags tells which of a beat's fields are known.
func (b *Beat) flags() (flags byte) {
	if b.Raw != clock.Unknown {
		flags |= flagRaw
	}
	if b.MaxError != clock.Unknown {
		flags |= flagMaxError
	}
	return flags
}

func (t Takeoff) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	dst = appendString(appendString(dst, t.Host), t.Machine)
	kind := byte(kindTakeoff)
	if id, ok := uuidOf(t.Boot); ok {
		kind = kindBoot
		dst = append(dst, id[:]...)
	} else {
		dst = appendString(dst, t.Boot)
	}
	for _, s := range []string{t.OS, t.Kernel, t.Recorder} {
		dst = appendString(dst, s)
	}
	dst = binary.AppendVarint(dst, int64(t.SinceBoot))
	dst = binary.AppendVarint(dst, t.PID)
	dst = binary.AppendVarint(dst, int64(t.Interval))
	return kind, append(dst, t.Continues.Bytes()...)
}

func (l Landing) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	return kindLanding, appendString(append(dst, byte(l.Shutdown)), l.Reason)
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// origin is what kindOrigin holds of a takeoff.
type origin struct {
	hardware, container string
	bootOrigin          clock.BootOrigin
	awake               time.Duration
	built               Instant
}

func (o origin) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	dst = append(dst, byte(o.bootOrigin))
	dst = appendString(appendString(dst, o.container), o.hardware)
	dst = binary.AppendVarint(dst, int64(o.awake))
	return kindOrigin, binary.AppendVarint(dst, int64(o.built))
}

// origin returns what of t kindOrigin holds, and whether that is anything.
func (t *Takeoff) origin() (o origin, any bool) {
	o = origin{t.Hardware, t.Container, t.BootOrigin, t.AwakeSinceBoot, t.Built}
	return o, o != origin{awake: clock.Unknown}
}

// journalID is the ID of a takeoff's journal.
type journalID string

func (id journalID) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	return kindJournal, append(dst, id...)
}

// target is what a machine was shutting down to.
type target string

func (to target) appendRecord(dst []byte, _ *Beat) (byte, []byte) {
	return kindTarget, append(dst, to...)
}

// AppendLog appends records that stand one behind the other. A takeoff and a landing
// become several where they hold more than their kinds did at first.
func AppendLog(dst []byte, log []Record) []byte {
	var before *Beat
	for _, r := range log {
		dst = appendFramed(dst, r, before)
		switch r := r.(type) {
		case Takeoff:
			if o, any := r.origin(); any {
				dst = appendFramed(dst, o, nil)
			}
			if r.Journal != "" {
				dst = appendFramed(dst, journalID(r.Journal), nil)
			}
		case Landing:
			if r.To != "" {
				dst = appendFramed(dst, target(r.To), nil)
			}
		}
		before = beatOf(r)
	}
	return dst
}

func appendFramed(dst []byte, r Record, before *Beat) []byte {
	var room [256]byte
	kind, body := r.appendRecord(room[:0], before)
	dst = append(dst, kind)
	dst = binary.AppendUvarint(dst, uint64(len(body)))
	return append(dst, body...)
}
