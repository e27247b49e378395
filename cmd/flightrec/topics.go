package main

// A topic is something that help explains beside the commands, on lines of 80 columns.
type topic struct{ name, usage, text string }

var topics = []topic{
	{"grounding", "what a report means by ~, its notes, crash, stopped, gap and pause", groundingTopic},
	{"reasons", "why a machine went down: what is told, by what, and what to switch on", reasonsTopic},
	{"times", "how to write the times of --since and --until", timesTopic},
	{"formats", "what report and dump print, and for whom", formatsTopic},
	{"files", "where the journal is, how to back it up, move it and read it elsewhere", filesTopic},
	{"exit codes", "what the program ends with", exitTopic},
	{"environment", "the variables that the program looks at", environmentTopic},
	{"examples", "what is asked most often", examplesTopic},
}

const groundingTopic = `How to read a report

A board without a clock chip starts with a wrong time, and gets the right one
from the network only later, or never. flightrec writes down what the clock said
and how long the machine had been up, again and again. When the right time
comes, it counts back: so it knows when the machine was up even while its clock
was wrong. That is called grounding. It is done anew for each report, so a boot
whose time is not known today may be known tomorrow.

Times
  2025-06-15 12:00:00   right: the clock was synchronised some time in that boot
  ~2025-06-15 12:00:00  an estimate: it never was. The note with the number in
                        brackets, at the end of the report, tells between what
                        times it must have been.
The length of an uptime is right in both cases. After a ~ the length of a
downtime is an estimate as well.

Lines
  UPTIME    the machine was up, from its boot to the last sign of life
  DOWNTIME  the machine was down
  FLIGHT    the recorder was running
  GAP       the machine was up, and nobody was recording: the recorder had been
            stopped, killed or upgraded
  PAUSE     the clock was put forward by so much: the machine stood still and
            didn't notice, like a virtual machine that its host had paused, or
            the clock had been called right and wasn't, or the boot clock runs
            slow
  CRASH LOOP  three boots or more, each under five minutes and ended by a crash;
            --all shows each of them

How a machine went down, behind its DOWNTIME
  crash     suddenly: the power was cut, or the system hung or failed
  shutdown  properly: the recorder was stopped because the machine was going
            down
  stopped   the recorder had been stopped before, and so nobody knows when and
            how the machine went down: somewhere between the two times of the
            line
  not recorded
            nothing tells whether it was down at all: it is before the first
            flight, or no boot ID tells two boots apart
(unknown) instead of a length: nothing tells how long, even whether at all

aloft       it is still going on

Sums        The last line adds up what was up, down and unknown. Time that can't
            be known counts as neither up nor down: where a boot might have
            been, a downtime beside a boot that has no certain place, and one
            with stopped or not recorded behind it. Percentages are of the time
            that is known. Below it stands since when nobody has been recording.
            In JSON mtbf_seconds is the time that it was up for each crash,
            mttr_seconds the mean of the downtimes whose length is known, and
            availability up / (up + down).

--observed  shows when the recorder was running, and nothing of the above: the
            report of the original flight-recorder, in which a restart of the
            recorder looks like a downtime.
--clock     shows when the clock was wrong, by how much, who set it, and when
            the machine slept.
`

const timesTopic = `Times, as --since and --until take them

  2026-11-27                  a day, from its beginning
  2026-11-27 22:11            a time of day, with or without seconds
  2026-11-27T22:11:23         a T may stand in place of the blank
  2026-11-27T22:11:23+01:00   with an offset or Z, or a zone's name behind a
                              blank
  27 Nov 22:11                the latest such day; as in Fri 27 Nov 22:11
  2026, 2026-11               a year or a month, from its beginning
  @1795813883                 seconds since 1970, with or without a fraction

  now, today, yesterday, tomorrow
  monday, mon                 the latest such day, today included
  yesterday 14:00, mon 9:30   a time of that day
  22:11                       today
  boot                        the beginning of this boot

  7d, -7d, 7 days, 7 days ago, 1w2d, 36h, 1.5h
                              so long ago. The units are y, mo, w, d, h, m
                              (minutes), s, ms and us: years, months, weeks,
                              days and so on

Days and longer units are those of the calendar, in the zone of the report: the
local one, or UTC with --utc. The local zone is that of $TZ, which may be a name
(Europe/Berlin) or a POSIX string (CET-1CEST,M3.5.0,M10.5.0/3), else that of
/etc/localtime.
`

const formatsTopic = `Formats

flightrec report
  --format table  an uptime a line, newest first: what a terminal gets. A wider
                  terminal shows more. --iso writes times as programs do.
  --format text   the lines of the original flight-recorder, and what is known
                  beyond it: for people, and for programs that read those lines.
                  With --observed only the lines of the original are printed.
                  This is what a pipe or a file gets.
  --format json   one object: machines, their periods, flights and sums. --json
                  is short for it. Its "schema" is flightrec.report/1.
  --format csv    a period a line, with a header, as RFC 4180 has it.
  --format spans  an object a line for each span of time in which the machine
                  was up, down or unknown. A machine's spans touch and add up.
                  Its "schema" is flightrec.span/1.
  --format html   a web page of one file, which needs no script and asks nobody.
  --format prometheus
                  metrics in Prometheus' text format, for the textfile collector
                  of node_exporter: write it beside, and rename it.

flightrec report --by UNIT, flightrec report --at TIME, flightrec status
  --json          one object: flightrec.by/1, flightrec.at/1, flightrec.status/1

flightrec dump
  --json          one flight a line, in order of takeoff: what was recorded,
                  without loss, and what grounding makes of it. Its "schema" is
                  flightrec/1. Dumps can be read again by report, status, dump
                  and verify, as arguments or with --from, packed by gzip or
                  zstd or not, of many machines at once.

Times in JSON are RFC 3339 in UTC; what is not known is null. Readers should
ignore fields that they don't know.
`

const filesTopic = `The journal, and other files

The journal is a folder. It is the first of these that is set:
  -d, --journal, --database DIR
  $FLIGHTREC_JOURNAL
  $STATE_DIRECTORY                   systemd sets it for its service
  /var/lib/flightrec                 for root
  $XDG_STATE_HOME/flightrec          for others, else ~/.local/state/flightrec
A reader without a journal of its own takes /var/lib/flightrec.

In it are lanes, lane-0 and so on: each recorder that runs holds one. Several
recorders may share a journal, and anybody who may read the files can ask for a
report meanwhile.

Backup      'flightrec dump --json | gzip > backup.jsonl.gz' saves all, also
            while a recorder runs, and 'flightrec report backup.jsonl.gz' reads
            it. A copy of the folder is a backup as well if nobody records
            meanwhile.
New card    Stop the recorder, copy the folder with its owner and modes (cp -a),
            start the recorder on the new card.
Damage      What can't be read is said, and the rest is used. A lane that can't
            be opened for writing is set aside as lane-0.damaged-1: reports read
            what they can of it. It may be removed once a dump has been saved.
Log         stderr, or the file of -l, --log, which SIGHUP opens anew.
Dumps       given as arguments or with --from are read instead of a journal. -
            is stdin, and a folder stands for the files in it.
`

const exitTopic = `Exit codes

  0  done; a reader that has seen enough, such as head, is no error
  1  it could not
  2  it was called wrongly
  3  done, but part of the journal or dump could not be read: what, is on stderr

What went wrong is on stderr, one line that begins with "flightrec: ", and a
hint on a line of its own where there is something to do.
`

const environmentTopic = `Environment

  FLIGHTREC_JOURNAL   the journal's folder, where no flag names one
  STATE_DIRECTORY     the same, as systemd sets it for its service
  XDG_STATE_HOME      where a user's journal is: in its folder flightrec
  TZ                  the zone of times: a name (Europe/Berlin) or a POSIX
                      string
  LC_ALL, LC_CTYPE, LANG
                      the first that is set tells whether the terminal has UTF-8
  TERM                a terminal that is dumb gets no colours and no pager
  NO_COLOR            if it isn't empty, no colours
  CLICOLOR_FORCE      if it is neither empty nor 0, colours everywhere
  PAGER               what shows output that is longer than the terminal, else
                      less or more; none if it is cat or empty
`

const examplesTopic = `Examples

  flightrec status
      How is this machine?
  flightrec report
      When was it up and down, the last 20 times?
  flightrec report --since 30d --by day
      How available was it, day by day?
  flightrec report --at "yesterday 14:00"
      What was it then?
  flightrec report --exclude "2026-11-07 09:00..2026-11-07 12:00"
      How available was it, leaving out planned work?
  flightrec report --clock
      When was its clock wrong, and who set it?
  flightrec clock --ntp pool.ntp.org
      Why is its time wrong?
  flightrec dump --json | gzip > $(hostname).jsonl.gz
      Save everything.
  flightrec report --by machine *.jsonl.gz
      Which of many machines is the worst?
  flightrec record --interval 10s --journal /tmp/journal
      Record into a folder of one's own.
`
