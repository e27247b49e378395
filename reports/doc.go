// Package reports tells from grounded flights when a machine was up, when it was
// down, and how it went down; as text for people, and as JSON for programs.
//
// The one fact that a caller must know: time is up, down or unknown, and what
// can't be known is counted as neither up nor down.
//
// # Periods
//
// A machine's periods are its uptimes with a downtime before each:
//
//	flights        |--1--|  |--2--|          |--3--|
//	boots         <----- boot a --->        <- boot b ->
//	periods  down |     uptime 1    |  down  | uptime 2 |
//	               kernel's boot … last heartbeat
//
// Flights of one boot make one uptime, whatever lies between them: a stretch
// inside it in which nobody was recording is a gap, and no downtime. Between two
// boots whose IDs are known there is always a downtime, even where it has no
// length, since a machine that boots was down. Flights whose boot isn't known make
// one uptime if they touch or overlap, and so does everything with
// [Options.Observed]. Boots that overlap by more than their errors allow (containers
// that share a journal) make one uptime as well.
//
// The downtime before the first uptime begins where nothing is known yet. It is
// there for the sake of those who read the lines, and counts as no outage. After the
// last uptime nothing is known either, and no period says anything.
//
// # Since and until
//
// A period that reaches over the start or the end of the time asked for is cut off
// there, and keeps its true extent beside ([Period.Whole]). The flights inside an
// uptime are listed whole, those that lie outside of the time asked for are not.
//
// # Up, down, unknown
//
// The sum of the three is the time asked for, to the nanosecond. It reaches from
// Since, or else the beginning of the first uptime, to Until, or else to now. An
// anchored boot is up for as long as it lasted. What a boot without an anchor adds
// is decided by its window, wherever in it the report draws the boot:
//
//	                window
//	|------------------------------------|
//	|####### earliest                    |
//	|                     latest ########|
//	         since |------------------------
//	               |  least overlap: up, all else: unknown
//
// The boot may lie anywhere in its window, so it was certainly up for the least
// time that any of those places has in common with the time asked for: for its whole
// length, if that time cuts nothing off the window. This least counts as up, and
// the rest of the window as unknown. Where anchored uptimes lie inside the window it
// counts what can't be hidden in them nor outside of the time asked for. A side that
// nothing bounds reaches as far back or forth as time does.
//
// Down is what lies between the first uptime and the last outside of all anchored
// boots and all windows, but for the downtimes that tell nothing: before a machine
// went down whose recorder had been stopped it ran on, and nobody knows for how long;
// where no boot ID tells that there was another boot, it may never have been down.
// Everything else is unknown: these downtimes, the rest of the windows, the time
// before the first uptime, and the time since the last heartbeat, even of a flight
// that is still aloft.
//
// A boot ends with its last sign of life. So what is called down may begin early: by
// one interval of the heartbeats before a crash, and by what it takes to go down after
// the landing of a shutdown. A recorder that was killed, and not started again, looks
// like a crash; a boot in which nobody recorded looks like a part of the downtime.
//
// The last line of the text tells the same sums, but
// leaves out the time since the last heartbeat where no end was asked for.
//
// # The clock log
//
// With [Options.Clock] a report tells of each boot what its clocks did ([ClockLog]).
// True time is what grounding says; a wall clock that differs from it by more than
// the errors of both was wrong. Legs that an earlier flight of the boot has recorded
// are not told again. Of a boot without an anchor nothing tells how wrong its clock
// was, only how it moved. How the crystal is measured is said at [Oscillator].
package reports
