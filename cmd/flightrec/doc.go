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
//	flightrec report [--json | --format text|json] [--since T] [--until T] [--utc] [--observed] [--all] [--clock] [--from FILE]...
//
// Report tells when the machine was up and down. T is a date, a date and time, RFC
// 3339, or a span back from now, as 7d or 36h. With --observed, spans are those of
// the recorder alone; --all shows each boot of a crash loop; --clock tells of the
// clocks instead. 'flightrec help grounding' explains what is printed.
//
//	flightrec dump --json [--since T] [--until T] [--from FILE]...
//
// Dump writes the flights, one JSON object a line, in order of takeoff. What is
// dumped can be given to --from, here and for report and verify; - is stdin.
//
//	flightrec verify [--from FILE]...
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
