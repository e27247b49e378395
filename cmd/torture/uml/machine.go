//go:build linux && amd64

package uml

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// limit bounds each thing that a machine is asked to do. It is for what hangs: where
// many machines share a processor, a boot may take a minute.
const limit = 4 * time.Minute

// Config says what machine to boot. The zero value is one whose init is the agent
// and nothing else.
type Config struct {
	// Disk is the image that is mounted at /var/lib/flightrec, made by NewDisk; none
	// if empty. It keeps what was written to it from boot to boot.
	Disk string
	// Wall is what the wall clock says at boot; if zero, what the host's does.
	Wall time.Time
	// Files are written before anything runs: contents by absolute path.
	Files map[string]string
	// Programs are put into /opt: host's path by name.
	Programs map[string]string
	// Systemd makes the host's systemd the machine's init.
	Systemd bool
	// Services are units that systemd starts at boot: their text by name.
	Services map[string]string
	// Keep names units of the host's that systemd starts although most tests do
	// without them.
	Keep []string
}

// Machine is a machine that was booted. It ends with its test.
type Machine struct {
	t       testing.TB
	cmd     *exec.Cmd
	keeper  io.Closer
	conn    *os.File
	console *console
	hellos  chan string
	replies chan reply
	exited  chan struct{}
	lastID  uint64
	bootID  string
}

// Boot starts a machine and waits for it to come up. It skips the test where there
// is no User-Mode Linux.
func Boot(t testing.TB, c Config) *Machine {
	t.Helper()
	m := &Machine{
		t:       t,
		console: new(console),
		hellos:  make(chan string, 16),
		replies: make(chan reply, 16),
		exited:  make(chan struct{}),
	}
	kernel := hostProgram(t, "user-mode-linux", "/usr/bin/linux.uml")
	if c.Systemd {
		hostProgram(t, "systemd", systemd)
	}
	if err := m.start(kernel, c); err != nil {
		t.Fatalf("starting machine: %v", err)
	}
	t.Cleanup(func() {
		m.end()
		if t.Failed() {
			t.Logf("the machine's console:\n%s", m.console)
		}
	})
	m.awaitHello()
	return m
}

// start runs the kernel as a process group of its own: when it panics it sends
// SIGTERM to its whole group.
func (m *Machine) start(kernel string, c Config) error {
	dir := m.t.TempDir()
	if err := writeSetup(dir, c); err != nil {
		return err
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("making socket pair: %w", err)
	}
	m.conn = os.NewFile(uintptr(pair[0]), "agent")
	theirs := os.NewFile(uintptr(pair[1]), "ttyS0")
	defer theirs.Close()

	m.cmd = exec.Command(kernel, arguments(dir, c)...)
	m.cmd.Dir = dir
	m.cmd.Env = []string{"HOME=" + dir, "PATH=" + searchPath, "TMPDIR=" + memoryFolder(), "LD_PRELOAD=" + writePreload(m.t, dir)}
	m.cmd.Stdout, m.cmd.Stderr = m.console, m.console
	m.cmd.ExtraFiles = []*os.File{theirs}
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := m.cmd.Start(); err != nil {
		return err
	}
	// A panic aborts, and would leave the machine's memory as a core file.
	_ = unix.Prlimit(m.cmd.Process.Pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	go m.listen()
	m.keeper, err = keep(m.cmd.Process.Pid)
	go m.await()
	if err != nil {
		killGroup(m.cmd.Process.Pid)
		return fmt.Errorf("starting keeper: %w", err)
	}
	return nil
}

// arguments are the kernel's. What it doesn't know it hands to init, as
// environment.
func arguments(dir string, c Config) []string {
	args := []string{
		"mem=256M", "quiet", "uml_dir=" + dir + "/",
		"root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
		"con0=null,fd:1", "con=null", "ssl0=fd:3", "ssl=null",
		"init=" + agentPath(), setupVariable + "=" + filepath.Join(dir, setupFile),
	}
	if c.Disk != "" {
		args = append(args, "ubd0="+c.Disk)
	}
	return args
}

func writeSetup(dir string, c Config) error {
	s := setup{Config: c, Agent: agentPath()}
	if _, err := os.Stat(partsFolder()); err == nil {
		s.Parts = partsFolder()
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, setupFile), text, 0o644)
}

func agentPath() string {
	path, err := os.Executable()
	if err != nil {
		panic(err) // Linux always knows
	}
	return path
}

// memoryFolder is where the kernel keeps the file that is the machine's memory.
func memoryFolder() string {
	if unix.Access("/dev/shm", unix.W_OK|unix.X_OK) == nil {
		return "/dev/shm"
	}
	return os.TempDir()
}

// listen sorts what comes from the agent. A line that is neither a hello nor a
// reply was cut short by the machine's end.
func (m *Machine) listen() {
	lines := bufio.NewScanner(m.conn)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r reply
		switch err := json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &r); {
		case err != nil:
		case r.Hello != "":
			m.hellos <- r.Hello
		default:
			m.replies <- r
		}
	}
}

func (m *Machine) awaitHello() {
	m.t.Helper()
	select {
	case m.bootID = <-m.hellos:
	case <-m.exited:
		m.t.Fatal("the machine ended before it was up")
	case <-time.After(limit):
		m.t.Fatalf("the machine wasn't up after %v", limit)
	}
}

func (m *Machine) awaitExit() {
	m.t.Helper()
	select {
	case <-m.exited:
	case <-time.After(limit):
		m.t.Fatalf("the machine was still up after %v", limit)
	}
}

// end kills what is left of the machine: the kernel and the processes that it runs
// its programs in.
func (m *Machine) end() {
	killGroup(m.cmd.Process.Pid)
	<-m.exited
	m.conn.Close()
}

// console is what a machine prints.
type console struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.Write(p)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.String()
}
