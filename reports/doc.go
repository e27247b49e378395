// Package reports tells from grounded flights when a machine was up, when it was down,
// and how it went down. It is a model: package render writes it.
//
// The one fact that a caller must know: time is up, down or unknown, and what can't be
// known counts as neither up nor down.
//
// # The time line
//
// [Machine.Line] is the machine's time in spans of the three states, which touch and add
// up to the time asked for: from Since, or else the beginning of the first uptime, to
// Until, or else to now. The sums of [Summary] are sums over it.
//
//	              window of boot b, which has no anchor
//	             |------------------------------------|
//	==== a ====|.|????????|==== b ====|???????????????|.......|==== c ====|?????
//	    up     down unknown    up          unknown      down        up     silent
//
// A boot is up where it is drawn. Of a downtime those parts are unknown in which a boot
// without an anchor may have been; outside of all windows it was down. A downtime whose
// cause tells nothing is unknown as a whole: before a machine went down whose recorder
// had been stopped it ran on, and nobody knows for how long; where no boot ID tells that
// there was another boot, it may never have been down. Unknown are the time before the
// first uptime, and the time since the last sign of life, even of a flight that is still
// aloft.
//
// A time asked for cuts this line, and never places a boot anew.
//
// A boot ends with its last sign of life. So what is called down may begin early: by one
// interval of the heartbeats before a crash, and by what it takes to go down after the
// landing of a shutdown. A recorder that was killed, and not started again, looks like a
// crash; a boot in which nobody recorded looks like a part of the downtime.
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
// Flights of one boot make one uptime, whatever lies between them: a stretch inside it in
// which nobody was recording is a gap, and no downtime. Between two boots whose IDs are
// known there is always a downtime, even where it has no length, since a machine that
// boots was down. Flights whose boot isn't known make one uptime if they touch or overlap,
// and so does everything with [Selection.Observed]. Boots that overlap by more than their
// errors allow (containers that share a journal) make one uptime as well.
//
// The downtime before the first uptime begins where nothing is known yet. It is there for
// the sake of those who read the lines, and counts as no outage. After the last uptime
// nothing is known either, and no period says anything.
//
// A period that reaches over the start or the end of the time asked for is cut off there,
// and keeps its true extent beside ([Period.Whole]). The flights inside an uptime are
// listed whole, those that lie outside of the time asked for are not.
//
// # Numbers and notes
//
// Everything that has a number is numbered here, from 1 in order of time, and so are the
// notes ([Note]): what they say holds for each format. A crash loop stands for its boots,
// unless [Show.All] asks for each: what is in them has no numbers and no notes then.
//
// # The clock log
//
// With [Show.Clock] a report tells of each boot what its clocks did ([ClockLog]). True
// time is what grounding says; a wall clock that differs from it by more than the errors
// of both was wrong. Legs that an earlier flight of the boot has recorded are not told
// again. Of a boot without an anchor nothing tells how wrong its clock was, only how it
// moved. How the crystal is measured is said at [Oscillator].
package reports
