// Package ground places flights on the true time line, and says how exact it is.
//
// The one fact that a caller must know: nothing grounded may be stored. Later
// evidence places earlier flights anew, so [Ground] is given all flights that
// there are, each time.
//
// # Steps
//
// [Machines] decides whose the flights are. [Machine.Ground] then works on one
// machine, in these steps:
//
//  1. flights are grouped into boots (boots.go);
//  2. each boot's flights are laid out on its boot clock (bootclock.go);
//  3. synchronised legs become anchors (anchor.go);
//  4. each boot that has an anchor is placed by it (windows.go);
//  5. anchored boots whose order contradicts the order of takeoff lose their say over others (chain.go);
//  6. the others get the narrowest windows that follow (windows.go);
//  7. and are drawn in them (estimate.go).
//
// # One boot
//
// All flights of a boot share its boot clock, which only the kernel touches. A
// fix that was synchronised pins it to the true time line, and with it whatever
// that boot recorded:
//
//	wall clock  1970   1970   2026✓      2026✓
//	boot clock  0s     10s    20s        500s
//	true time   ←──────────── anchor ────────→
//
// Every synchronised leg of two heartbeats or more is an anchor; one of a single
// heartbeat is only where the boot has no other. They are compared from the
// latest to the first, by what the wall clock was ahead of the boot clock:
//
//	same, within 100 ms            one line serves both, so that lengths are the boot clock's
//	later, within errors and drift each serves its side
//	later, beyond that             the machine stood still in between, and its boot clock
//	                               with it: each serves its side, the pause lies between
//	earlier, beyond that           the earlier leg was wrong; the later one serves for both
//
// Three exceptions spare a bogus pause: a leg that stands alone against one before
// and one after it, which agree, was wrong; so was one that showed a time before
// the year 2000, if the later one doesn't; and so was what a server told the
// recorder (source "sntp"), if the system's own word in the same boot contradicts
// it, be it before or after.
//
// A flight is [GroundingNTP] if a leg of its own serves, [GroundingBoot] if a sister's does.
//
// # Errors
//
// The error of a place is the maximum error of the nearest anchor, and 500 ppm of
// the boot clock between the two: the kernel corrects no clock by more, so that
// a machine that strays further can't be synchronised. Added are a second for a
// sleep in between (real-time clocks tick in seconds), what the raw clock tells
// of a slew too small to be sure of, and the length of a pause for what lies
// between the anchor's last update and the pause: it may have been before or
// after it. A slew that shows clearly (beyond 0.5 s and 200 ppm) is taken out
// of the boot clock.
//
// What leaves no trace can't be told: a boot clock that is slewed while nobody
// records, a machine that stands still before its clock was synchronised, a
// claim to be synchronised that is a lie and that nothing later exposes.
//
// # Boots without an anchor
//
// Takeoff order, lanes and lengths bound them:
//
//	lane-0   ├─ A ─┤ [·····├─ b ─┤··├ c ┤·····] ├─ D ─┤
//	               ↑                          ↑
//	               A's end                    D's start, or D's kernel's boot
//
//	b: not before A's end,              not after D's start less c's length
//	c: not before A's end and b's length,   not after D's start
//
// The rules, all of the form "at least so much later":
//   - a takeoff is not before any takeoff before it, in whatever lane;
//   - in one lane, a takeoff is not before the end of the flight before it, nor is
//     the kernel's boot, where that is known and another one;
//   - in one boot, true time passes at least as its boot clock does, less drift.
//     It may pass faster: a machine that stood still leaves no trace of it.
//
// Flights in different lanes may have been in the air at the same time, even with
// different boot IDs (containers that share a journal have them): of these only
// takeoffs are ordered. Windows are the narrowest that follow from these rules.
//
// Key order and anchors can contradict each other: a card that was copied, a
// clock that was synchronised to a lie. The anchor is the proof and stands, but it
// bounds others only if it belongs to every largest set of anchors that agree
// with the order of takeoff. Where what is left still contradicts itself, a
// flight has no window. Machines are placed each by itself: they share no clock.
//
// # Drawing
//
// Inside of its window a boot is drawn where its weak fix puts it ([GroundingWeak]), else
// where its wall clock does, by its latest leg that fits ([GroundingWall]), else in the
// middle of what is left to it, or at the side that is bounded ([GroundingBounded]). As
// many as can are drawn by their clocks; of two that contradict each other, the
// later one, since a clock restored from a file is late, never early. A wall
// clock before 2014 is never believed: the IDs of flights begin there. What is
// drawn keeps the order of takeoff, and is as long as the boot clock says unless boots
// are so crowded that only drift makes room for them. On a machine without any anchor all is
// [GroundingWall].
package ground
