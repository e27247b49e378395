// Package ground places flights on the true time line, and says how exact it is.
//
// The one fact that a caller must know: nothing grounded may be stored. Later
// evidence places earlier flights anew, so [Ground] is given all flights that
// there are, each time.
//
// A synchronised clock is a strong witness, and still a witness. What facts disprove
// is never certain, and never takes certainty from others.
//
// # Steps
//
// [Machines] decides whose the flights are. [Machine.Ground] then works on one
// machine, in these steps:
//
//  1. flights are grouped into boots (boots.go);
//  2. the order of each journal is laid out in stages (order.go): facts;
//  3. each boot's flights are laid out on its boot clock (bootclock.go);
//  4. each boot's synchronised legs become claims, and the rules within one boot are applied (claims.go);
//  5. the heaviest set of claims that agrees with the facts is believed (believe.go, chain.go),
//     and held against all facts where lanes overlap (sides.go);
//  6. believed claims are the anchors of their boots (anchor.go);
//  7. facts and anchors bound everything, the narrowest windows that follow (windows.go);
//  8. boots without an anchor are drawn in theirs (estimate.go).
//
// # Facts
//
//   - F1: a takeoff is after the end of the flight before it in its lane.
//   - F2: in one journal, flights take off in the order of their keys.
//   - F3: in one boot true time passes at least as the boot clock does, less drift, less
//     what a sleep may have been counted too long. It may pass faster: a machine that
//     stands still doesn't notice.
//   - F4: a boot clock that began anew is a new kernel, and whatever ran before it was over,
//     in every lane. It began anew if it shows less than where the flight before in its
//     lane ended, or than at an earlier takeoff, or if both boot IDs are the kernels' own.
//   - F5: nothing lies after now.
//   - F6: nothing was recorded before flightrec was.
//
// A journal is a row of stages: each begins with a boot clock that is known to have begun
// when others were over.
//
//	lane-0   ├─ a ─┤        ╎ ├── b ──┤ ╎  ├ c ┤
//	lane-1     ├──── a ───┤ ╎           ╎
//	                        ↑           ↑
//	                    stage 2       stage 3
//
// Boots on a boot clock that may have gone on (containers with IDs of their own) share a
// stage; of what lies before their takeoffs only what all readings share is certain: their
// kernel ran since the boot before had ended by the boot clock.
//
// # Claims
//
// Every synchronised leg of two heartbeats or more claims a line: what the wall clock was
// ahead of the boot clock. One of a single heartbeat counts only where its boot has no
// other. Within one boot, from the latest to the first:
//
//	same, within 100 ms             one line serves both, so that lengths are the boot clock's
//	apart, within errors and drift  each serves its side
//	later, beyond that              the machine may have stood still: each serves its side
//	earlier, across a sleep         the sleep was shorter than it was counted
//	earlier by a second             a leap second: each serves its side
//	earlier, beyond that            the earlier claim was wrong, unless it held a hundred times as
//	                                long, or the clock came back to its line
//
// Between boots, two claims agree if the least time that facts let pass between them fits.
// A set of claims is heavier than another by its boots, then by how long its claims held (an
// hour for each line at most); of equal ones the later counts, since a restored clock is
// late, never early. A rival of the heaviest set has all of its boots, or gains more than
// half of those that it loses. A claim in no rival is a lie, one in some is disputed: it
// stands for its own boot, as an estimate, and bounds nobody. What a server told the recorder
// counts as far as it agrees with what the system said.
//
// # Errors
//
// The error of a place is the maximum error of the nearest anchor and the drift between
// the two: 500 ppm, the most that a kernel corrects. The raw clock beside a disciplined one
// shows a boot clock that runs faster or slower; that rate is taken out of the boot clock
// where nobody disciplined it, in other boots of the board as well. Added are a second for a sleep
// in between, and what a forward step leaves open: before it, from the earlier clock's
// last update on, everything may be later by the whole step; steps that come again and again
// are what a slow boot clock makes, and nothing stood still. What follows a forward step of a
// clock that nobody synchronised may be later by the whole step as well.
//
// An estimate is whatever has no believed claim, or an error of more than a minute.
//
// # Boots without an anchor
//
// They are drawn inside of their windows: where a disputed claim of the heaviest set puts
// them, or a weak fix ([GroundingWeak]), else where their wall clock does, by its latest leg
// that fits ([GroundingWall]), else in the middle of what is left to them, or at the side that
// is bounded ([GroundingBounded]). As many as can are drawn by their clocks. A
// wall clock before 2014 is never believed. What is drawn keeps the order of takeoff, and is
// as long as the boot clock says unless boots are so crowded that only drift makes room.
package ground
