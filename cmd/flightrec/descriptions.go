package main

// What commands do, on lines of 76 columns: their help indents it by three. The manual
// page says the same.
const (
	appDescription = `A small daemon writes down every few seconds that the machine is alive, and
a report tells afterwards when it was up, when it was down, and how it went
down. It is right on boards without a real-time clock, too: how long the
machine had been up is written beside what its clock said, and once the
right time is known, all that was written before is counted back from it.

A reader needs no lock, no write permission and no daemon, and changes
nothing. Several recorders may share a journal.`

	recordDescription = `The daemon. It runs in the foreground, as any user, and writes one flight: a
takeoff, heartbeats 1, 2, 4 and 8 s after it and then each interval, and a
landing when SIGTERM or SIGINT ends it. SIGHUP opens the log file anew. The
system's clock is never touched.

Under systemd it says when it is ready, and feeds the watchdog. Started by
Windows' service manager it is a service, which lands when that stops it or
shuts the system down, and tells errors to the event log:

  sc.exe create flightrec start= auto binPath= "C:\flightrec.exe record"`

	reportDescription = `On a terminal a table of the last 20 uptimes, newest first; elsewhere text,
the oldest first. Numbers count from the oldest uptime of the time asked
for, whatever is shown of it.`

	statusDescription = `Up since when, recording or not, whether the clock is right, how it was last
down, and the availability of the last 30 days.

With --wait it asks again each second until this boot's time is known. If
that doesn't come in time it prints what is known, and exits with 1.`

	whyDescription = `The verdict, what speaks for it, what was measured at the last heartbeats
before, and what the next boot found: of the last time that it went down,
of the time before the uptime of that number (counted without --since), or
of the outage at that time. Exits with 1 where there is none.

'flightrec help reasons' says what is told on which board, and what to
switch on.`

	dumpDescription = `In order of takeoff: what was recorded, without loss, and what a report makes
of it. It can be read again by report, status, dump and verify, on any
machine, and is a backup. With --anonymous it can be attached to a bug
report: reports on it are the same but for the names.

With --cursor the flights come that changed since the last time, in what was
recorded or in what a report makes of it; what is aloft comes each time. The
cursor moves once all is written: whoever needs an answer of the other side
takes 'flightrec ship'. A line may come more than once, so keep for each
machine and flight the latest one (upsert), and replace the spans of a
machine as a whole: later evidence moves earlier flights.`

	shipDescription = `The lines of 'flightrec dump --json' that changed are posted, packed by gzip,
to ClickHouse's HTTP interface, Vector, Fluent Bit or whatever takes JSON
lines: again, after pauses that grow to an hour, until they are taken. The
journal is what waits meanwhile, so that a collector that is away for a month
costs nothing and loses nothing. A line may be posted twice: keep for each
machine and flight the one with the most beats (upsert).

Taken is what is answered with 2xx; the cursor moves then. It is kept in
the folder flightrec-ship beside the usual journal, one for each collector.
An answer that waiting doesn't change (4xx, a redirect, a certificate that
nobody vouches for) ends it. While the clock isn't set no certificate can be
checked: it waits for the time, and says so.

The token goes along as a bearer token, or as the password of a user that
the URL names:

  flightrec ship --token-file /etc/flightrec.token --to \
    'https://board@host/?query=INSERT+INTO+raw+FORMAT+JSONAsString'

flightrec-ship.timer does it each quarter of an hour. It is off until
FLIGHTREC_SHIP_OPTIONS are set in /etc/default/flightrec and
'systemctl enable --now flightrec-ship.timer' is said.`

	verifyDescription = `Everything is read. What is wrong is printed, a line each.`

	clockDescription = `The first thing to look at where a report shows a wrong time. With --ntp,
servers are asked as well.`

	helpDescription = `Without an argument it lists commands and topics.`
)
