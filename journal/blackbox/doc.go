// Package blackbox reads what tells why a machine went down: evidence of how this boot
// came about, and vitals while it lasts. It decides nothing: what it found is recorded
// raw, and reports judge.
//
// The one fact that a caller must know: nothing here needs root, waits for longer than
// [Patience], or opens a file whose reading does more than to read. The firmware's
// throttled word is left alone for that reason: the kernel answers its first reader with a
// warning and a taint.
//
// Each source is a file of this package and a line in sources. What isn't there isn't
// told. A source that hangs, as an attribute does whose driver waits for hardware, is left
// alone until it answers.
package blackbox
