// Bench measures what recording costs: on a device, of the processor, in
// memory. It is a developer's tool, is never installed, and runs on Linux alone.
//
//	bench flash   -recorder PATH [-fs LIST] [-interval 10s|default] [-duration 1h] [-runs 3] [-o FILE]
//	bench boot    -recorder PATH [-n 500] [-fs ext4] [-o FILE]
//	bench age     -recorder PATH [-beats 8640,86400] [-o FILE]
//	bench wakeups -recorder PATH [-duration 60s] [-interval 10s]
//	bench report  -recorder PATH [-flights 300,3650,36500,1000000] [-runs 3] [-o FILE]
//	bench table   FILE...
//
// The one fact that a caller must know: every figure is a kernel's counter, read
// before and after, and nothing is estimated. What can't be measured here (no
// root, no loop device, a program that isn't installed) is said and left out, or
// ends the run; it never becomes a number.
//
// # How flash measures
//
// Each contender writes to a file system of its own, made new on a loop device of
// its own, all of them at the same time and interval. The device's counters
// (/sys/block/loopN/stat) are read once start-up has settled and again at the
// end, each time after a sync of that file system, so that what lies unwritten in
// the page cache is charged to the heartbeats that caused it, and a contender that
// never syncs gains nothing. A reading is kept only if no heartbeat came while it
// was taken: so a window holds a whole number of heartbeats, exactly.
//
// The heartbeats are counted without touching the device: our own contenders say
// each on a pipe, others' files are watched with stat, flightrec's journal is
// read by its own dump through a mount that never writes access times.
//
// A day's bytes are those of a heartbeat times the heartbeats of a day. At one
// interval for all, that compares like with like; what users get is told by
// -interval default, a run of its own.
//
// All mounts live in a mount namespace of the bench's own, image files are
// unlinked as soon as they are attached, and loop devices clear themselves when
// their last user goes: whatever ends the bench, nothing is left behind but, if it
// was killed, an empty folder. The images lie in $TMPDIR.
package main
