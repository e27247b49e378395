// Flightrec is a flight recorder for machines: it writes down every few seconds that
// the machine is alive, and tells afterwards when it was up, when it was down, and
// how it went down, on boards without a real-time clock as on others.
//
// What commands and flags do is told by 'flightrec help', and by the manual page
// flightrec(1), which 'make manual' makes of the same definitions: newApp has the
// commands and flags, descriptions.go what they do at length, topics.go what help
// explains besides.
//
// The program is a function of its arguments and streams, run. A command is a file.
// Readers take their flights from readFlights, which is the only one that knows
// whether they come from a journal or from dumps.
package main
