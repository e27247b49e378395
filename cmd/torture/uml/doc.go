// Package uml is a test bed: it boots whole Linux machines as ordinary processes
// (User-Mode Linux), so that what flightrec says of clocks, boots and crashes can
// be checked against real time daemons, a real systemd and real power cuts.
//
// The one fact that a caller must know: the machine's root is the host's, read
// only, by way of hostfs, with file systems in memory laid over it. So every
// program of the host runs in the machine, nothing that it does reaches the host,
// and its clock is its own. It needs no privilege.
//
// A story is told from the host, line by line:
//
//	func TestMain(m *testing.M) {
//		uml.Guest() // the machine's init is this very test program
//		os.Exit(m.Run())
//	}
//
//	func TestStory(t *testing.T) {
//		disk := uml.NewDisk(t)
//		m := uml.Boot(t, uml.Config{Disk: disk})
//		m.Run("date", "-u", "-s", "2026-11-22 12:00:00")
//		before := m.Clocks()
//		m.Suspend()
//		...
//		m.Cut() // as by pulling the plug
//		m = uml.Boot(t, uml.Config{Disk: disk})
//	}
//
// How the two sides talk:
//
//	host: Machine ── socket ── /dev/ttyS0 ── guest: agent
//	        │  {"ID":7,"Op":"run","Args":["date"]}   →
//	        │  ←   {"ID":7,"Output":"…"}
//	        │  ←   {"Hello":"<boot ID>"}             after each boot
//	        └── /dev/console: what the kernel and the daemons print
//
// The programs that it needs come from Debian packages, and where one is missing
// the test is skipped and says so. Time daemons can't be installed side by side, and an
// installed one would want to set the host's clock; so the packages need only be
// unpacked, below $FLIGHTREC_UML_PARTS (by default the folder flightrec-uml in the
// user's cache folder):
//
//	apt-get download user-mode-linux chrony systemd-timesyncd ntpsec tuptime uptimed downtimed
//	for p in *.deb; do dpkg-deb -x "$p" "$FLIGHTREC_UML_PARTS"; done
//
// Debian's busybox has no ntpd; one that has it may lie there as opt/busybox. A
// machine needs gcc to start (preload/xstate.c says why), and strace to be suspended.
package uml
