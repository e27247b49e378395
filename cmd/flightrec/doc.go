// Flightrec is a flight recorder for machines: it writes down every few seconds that
// the machine is alive, and tells afterwards when it was up, when it was down, and
// how it went down. It is right on boards without a real-time clock, too.
//
// # Commands
//
//	flightrec record [-i INTERVAL] [--clock auto|trust|distrust] [--ntp HOST]...
//
// Record is the daemon. It runs in the foreground, as any user, and writes one
// flight: a takeoff, heartbeats 1, 2, 4 and 8 s after it and then each interval, and
// a landing when SIGTERM or SIGINT ends it. The interval (-i, --interval) is a number of
// seconds, a duration, or auto, which is 10 s in the first ten minutes and 30 s after. The clock
// is taken as right when the system says that it is synchronised (auto), always
// (trust), or never (distrust). With --ntp, servers are asked for the time where the
// system doesn't know it; the system's clock is never touched.
// Started by Windows' service manager it is a service, which lands when that stops it
// or shuts the system down, and tells errors to the event log:
//
//	sc.exe create flightrec start= auto binPath= "C:\flightrec.exe record -d C:\ProgramData\flightrec"
//
//	flightrec report [--since T] [--until T] [-n N | --all] [--reverse] [--by UNIT | --at T] [--exclude T..T]... [--observed | --clock] [--format F | --json] [DUMP]...
//
// Report tells when the machine was up and down: as a table of the last 20 uptimes on a
// terminal (-n says how many, --all each), else as text, the oldest first; --reverse
// turns either round. --by sums up by day, week, month, year or machine; --at tells what
// the machine was at a time; --exclude leaves planned maintenance out of all sums.
// With --observed, spans are those of the recorder alone; --clock tells of the
// clocks instead. 'flightrec help grounding' explains what is printed, 'flightrec help
// times' what T may be, 'flightrec help formats' the formats.
//
//	flightrec status [--wait DURATION] [--json] [DUMP]...
//
// Status tells in one screen how the machine is. With --wait it waits until this boot's
// time is known.
//
//	flightrec dump --json [--since T] [--until T] [DUMP]...
//
// Dump writes the flights, one JSON object a line, in order of takeoff. What is
// dumped can be read again by report, status, dump and verify: as arguments or by --from,
// packed by gzip or zstd or not; - is stdin, and a folder stands for the dumps in it.
//
//	flightrec verify [DUMP]...
//
// Verify checks every checksum and every rule of the records, and prints what is
// wrong.
//
//	flightrec clock [--ntp HOST]... [--json]
//
// Clock prints what this system tells of the time, and what flightrec makes of it.
//
//	flightrec help [COMMAND or TOPIC]
//
// # Flags of all commands
//
// The journal is the folder of -d, --database or --journal; else that of
// $FLIGHTREC_JOURNAL; else $STATE_DIRECTORY, which systemd sets; else
// /var/lib/flightrec for root, and ${XDG_STATE_HOME:-~/.local/state}/flightrec for
// others, who read /var/lib/flightrec where they have none of their own. Several
// recorders may share a journal. A reader needs no lock, no write permission and no
// daemon, and changes nothing.
//
// Readers take --machine, the name of a host or the beginning of a machine's ID, where
// there are several. What is for people takes --utc, --iso (times as programs write
// them) and --color auto, always or never.
//
// -v, --verbosity is debug, info, warn, error or fatal. -l, --log names a file to log
// to instead of stderr; SIGHUP opens it anew.
//
// # Exit codes
//
//	0  done
//	1  it could not
//	2  it was called wrongly
//	3  done, but part of the journal or dump could not be read
package main
