// Package blocklog is a disk that remembers: every write and every flush that
// reaches it is logged in order, with the time, and afterwards the disk can be
// rebuilt as a power cut at any instant would have left it. It is dm-log-writes in
// user space, for machines whose kernel has no device mapper.
//
// The one fact that a caller must know: the disk is served by a FUSE file system
// ([Serve]), and whoever uses what lies upon it must be another process. A process
// that serves a disk and waits for it waits for itself; that goes for its end too, when
// it is the last one in the mount namespace of a file system upon the disk.
//
// The parts, from the file system under test down to the log:
//
//	ext4, xfs        under test, mounted by [Loop.Mount]
//	loop device      [AttachLoop]; turns a flush into fsync of its backing file
//	one-file FUSE    [Serve]; direct I/O, so that no page cache reorders the writes
//	log file         [ReadLog]
//	Disk             [NewDisk]; the log's end is moved to any instant by [Disk.At]
//
// The loop device offers no forced unit access, so the kernel follows such a write
// by a flush, and the log needs no third kind of record.
package blocklog
