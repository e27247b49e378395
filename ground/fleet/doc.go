// Package fleet holds the flights of many machines in bounded memory, and gives them back
// by groups: all of what may be one machine's stands in one group, so that each can be
// grounded by itself, several at the same time.
//
// Flights are packed as they come ([journal.Flight.AppendPacked]), by unit: those whose
// hardware, journal, machine ID and host are the same. When the units take more memory than
// they may, each is written to one temporary file as one piece, and begins anew. A group is
// read from as many pieces as its units have: one or two where lines come machine by
// machine, and where they are shuffled one for each time that memory was full.
//
// What stays in memory beside is a few hundred bytes for each unit, and 16 for each piece.
// Boot IDs, which may join units, are kept as hashes by the same means.
package fleet
