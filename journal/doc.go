// Package journal holds what was recorded of a machine: its words (flights, legs,
// heartbeats), the bytes that they are kept as, and the rules that those obey. How the
// bytes reach a disk is not told here: package store keeps journals, and [ReadDump]
// reads flights that somebody else kept.
//
// The one fact that a caller must know: the order of flights' IDs is the order of
// takeoff, and the only order that is known of flights whose clocks were wrong.
//
// # Flights
//
// A store's key is a flight's ID, a KSUID of 20 bytes; its value is the flight's
// log. IDs increase in order of takeoff whatever the wall clock says, which makes
// key order the only order that is known of flights whose clocks were wrong. A
// heartbeat is a merge operand: a few records, appended to the log.
//
//	+------------+----------------+--------------------+
//	| kind, 1 B  | size, uvarint  | body, size B       |  a record
//	+------------+----------------+--------------------+
//
//	body of kind 1, takeoff:
//	+------+---------+------+----+--------+----------+-------------+-----+----------+------------+
//	| host | machine | boot | OS | kernel | recorder | since boot  | pid | interval | continues  |
//	| str  | str     | str  | str| str    | str      | varint, ns  | var.| var., ns | 20 B KSUID |
//	+------+---------+------+----+--------+----------+-------------+-----+----------+------------+
//
//	body of kind 2, beat:
//	+--------+-------+------+-------+--------+--------+---------+-----------------+----------+
//	| leg    | cause | sync | flags | source | count  | elapsed | elapsed - awake | wall     |
//	| uvarint| 1 B   | 1 B  | 1 B   | str    | uvarint| var., ns| varint, ns      | var., ns |
//	+--------+-------+------+-------+--------+--------+---------+-----------------+----------+
//	| raw - awake, varint, ns       | max error, varint, ns                                  |
//	| if flags & 1                  | if flags & 2                                           |
//	+-------------------------------+--------------------------------------------------------+
//
//	body of kind 3, landing:
//	+--------------+--------+
//	| shutdown, 1 B| reason |
//	|              | str    |
//	+--------------+--------+
//
//	body of kind 4, a beat right behind another one:
//	+-------+--------+-------+------+--------+---------+---------+-----------------+----------------+
//	| flags | leg    | cause | sync | source | count   | elapsed | elapsed - awake | wall - elapsed |
//	| 1 B   | uvarint| 1 B   | 1 B  | str    | uvarint | varint  | varint          | varint         |
//	+-------+--------+-------+------+--------+---------+---------+-----------------+----------------+
//	        | if flags & 4: another leg      |         | ns, less those of the beat before          |
//	        +--------------------------------+         +--------------------------------------------+
//	| raw - awake, less that of the beat before, varint, ns | max error, varint, ns                 |
//	| if flags & 1                                          | if flags & 2                          |
//	+-------------------------------------------------------+---------------------------------------+
//
//	body of kind 5, a takeoff whose boot is a UUID: that of kind 1, with the boot as
//	16 bytes.
//
//	body of kind 6, more of the takeoff in the same operand:
//	+---------------+-----------+----------+------------------+------------+
//	| whose boot ID | container | hardware | awake since boot | built      |
//	| 1 B           | str       | str      | varint, ns       | varint, ns |
//	+---------------+-----------+----------+------------------+------------+
//
//	body of kind 7, the ID of the flight's journal: its text, a UUID.
//	body of kind 8, what the machine was shutting down to, of the landing before: its text.
//
//	body of kind 9, evidence of how the boot came about:
//	+--------+-------+
//	| source | value | and so on
//	| str    | str   |
//	+--------+-------+
//
//	body of kind 10, vitals: what was measured with the heartbeat before it
//	+------------+--------------+----------------------+
//	| elapsed    | 0   | alarms | vital, 1 B | value   | and so on, in order of vitals
//	| uvarint, s | 1 B | uvarint|            | varint  |
//	+------------+--------------+----------------------+
//	             | if some rose |
//
//	body of kind 11, extremes: what stands for vitals
//	+---------+-------------+------------------------------------------+
//	| samples | alarms, 1 B | bit, 1 B | first   | last - first | count | for each alarm
//	| uvarint |             |          | uvar., s| uvarint, s   | uv.   |
//	+---------+-------------+------------------------------------------+
//	| vital, 1 B | min    | its elapsed | max - min | its elapsed | last - min | for each
//	|            | varint | uvarint, s  | uvarint   | uvarint, s  | uvarint    | vital
//	+------------+--------+-------------+-----------+-------------+------------+
//	                                                | if max isn't min         |
//
//	kind 0, opaque: an operand that is no sequence of records, or in which a beat of
//	kind 4 has none before it, kept as it was found.
//	Any other kind comes from a newer version, and is kept as it was found.
//
// What a later version tells of a takeoff or a landing is a record of a kind of its own:
// a kind that exists never changes its shape, so that an older version can carry on what
// it doesn't understand, and a newer one reads what the older one wrote.
//
// A str is a uvarint and that many bytes; uvarint and varint are those of package
// encoding/binary. The wall is counted from 1970, the raw clock left out where
// there is none, and so is the maximum error where it isn't known. Within a leg the
// wall clock and the boot clock keep one relation, so that the second beat of a leg
// takes half the room of the first; and a boot ID, which no compression makes smaller,
// half of what it takes as text. Differences wrap around at 64 bits. The beat before
// is the one that stands right before, in the same operand: an operand can be read
// without any other.
//
// # The fold
//
// When the store flushes or compacts, it folds the operands of a flight. Of each
// leg only the first and the last heartbeat stay, and the last one stands for all
// but the first. Of vitals the latest eight stay as they are, and extremes stand for all
// before. So a day of heartbeats is a log of a few hundred bytes, and it is
// read by the same code as one that was never folded.
package journal
