//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// TestScripts runs the stories of testdata/script: each drives the built program
// from outside.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values["daemons"] = daemons{}
			env.Setenv("PATH", filepath.Dir(program)+":"+env.Getenv("PATH"))
			env.Setenv("TZ", "UTC")
			env.Setenv("J", filepath.Join(env.WorkDir, "journal"))
			// Scripts read as other users.
			if err := os.Chmod(filepath.Dir(env.WorkDir), 0o755); err != nil {
				return err
			}
			return os.Chmod(env.WorkDir, 0o755)
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "namespaces": // user, mount and time namespaces may be made
				return exec.Command("unshare", "--user", "--map-root-user", "-m", "--time", "true").Run() == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":  start,
			"signal": sendSignal,
			"end":    end,
			"beats":  beats,
			"boot":   boot,
			"state":  state,
			"code":   code,
			"same":   same,
			"screen": screen,
			"fits":   fits,
			"ntp":    ntpServer,
			"logged": logged,
		},
	})
}

// daemon is a program that a script has started.
type daemon struct {
	*exec.Cmd
	stderr *os.File
}

// daemons are those of a script, by name.
type daemons map[string]daemon

// start starts a program in the background; its stderr goes to NAME.err.
//
//	start NAME COMMAND...
func start(ts *testscript.TestScript, neg bool, args []string) {
	path := args[1]
	if path == "flightrec" {
		path = program
	}
	stderr, err := os.Create(ts.MkAbs(args[0] + ".err"))
	ts.Check(err)
	cmd := exec.Command(path, args[2:]...)
	cmd.Dir, cmd.Stderr = ts.MkAbs("."), stderr
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.MkAbs("home"), "STATE_DIRECTORY=" + ts.Getenv("STATE_DIRECTORY")}
	ts.Check(cmd.Start())
	ts.Defer(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
	ts.Value("daemons").(daemons)[args[0]] = daemon{cmd, stderr}
}

// sendSignal sends a signal to a program: signal NAME TERM
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	number := unix.SignalNum("SIG" + args[1])
	if number == 0 {
		ts.Fatalf("no signal SIG%s", args[1])
	}
	ts.Check(ts.Value("daemons").(daemons)[args[0]].Process.Signal(number))
}

// end waits for a program to end with an exit code, or by a signal:
//
//	end NAME CODE|killed|interrupt
func end(ts *testscript.TestScript, neg bool, args []string) {
	d := ts.Value("daemons").(daemons)[args[0]]
	late := time.AfterFunc(time.Minute, func() { d.Process.Kill() })
	d.Wait()
	late.Stop()
	d.stderr.Close()
	got := strconv.Itoa(d.ProcessState.ExitCode())
	if status := d.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		got = status.Signal().String()
	}
	if got != args[1] {
		ts.Fatalf("%s ended with %s, want %s\n%s", args[0], got, args[1], ts.ReadFile(args[0]+".err"))
	}
}

// beats waits until the newest flight of a journal has so many heartbeats:
//
//	beats N DIR [FLIGHTS]
//
// With FLIGHTS, that many flights must be there as well.
func beats(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	flights := 1
	if len(args) > 2 {
		flights, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	var out []byte
	for range 600 {
		out, _ = exec.Command(program, "dump", "--json", "-d", ts.MkAbs(args[1])).CombinedOutput()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		var last struct{ Beats int }
		if json.Unmarshal([]byte(lines[len(lines)-1]), &last) == nil && len(lines) >= flights && last.Beats >= want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("no %d heartbeats in flight %d:\n%s", want, flights, out)
}

// boot makes the arguments of a command that runs in a boot of its own: a time
// namespace whose boot clock began 1 s ago, with another boot ID. It sets $BOOT.
//
//	boot ID
func boot(ts *testscript.TestScript, neg bool, args []string) {
	uptime, err := os.ReadFile("/proc/uptime")
	ts.Check(err)
	seconds, err := strconv.Atoi(string(uptime[:strings.IndexByte(string(uptime), '.')]))
	ts.Check(err)
	id := ts.MkAbs("boot-" + args[0])
	ts.Check(os.WriteFile(id, []byte(args[0]+args[0]+"-0000-4000-8000-000000000000\n"), 0o644))
	shift := strconv.Itoa(1 - seconds)
	script := ts.MkAbs("in-boot-" + args[0])
	ts.Check(os.WriteFile(script, []byte(fmt.Sprintf(`#!/bin/sh
exec unshare --user --map-root-user -m --time --boottime %s --monotonic %s sh -c '
	mount --bind %s /proc/sys/kernel/random/boot_id || exit 1
	exec "$@"' - "$@"
`, shift, shift, id)), 0o755))
}

// state writes down all that a reader could change in a folder: names, sizes,
// modes, times of change, and contents.
//
//	state DIR FILE
func state(ts *testscript.TestScript, neg bool, args []string) {
	out, err := exec.Command("sh", "-c", `cd "$1" && find . -printf '%p %s %m %u %T@ %C@\n' | sort && find . -type f -exec sha256sum {} + | sort`, "-", ts.MkAbs(args[0])).Output()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o644))
}

// code demands that a command ends with this exit code, and that stderr is one
// line of ours, with at most a hint behind it.
//
//	code N COMMAND...
func code(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := exec.Command(args[1], args[2:]...)
	if args[1] == "flightrec" {
		cmd = exec.Command(program, args[2:]...)
	}
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "TZ=UTC", "HOME="+ts.MkAbs("home"), "PATH="+ts.Getenv("PATH"))
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run()
	ts.Check(os.WriteFile(ts.MkAbs("out"), []byte(stdout.String()), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs("err"), []byte(stderr.String()), 0o644))
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, &stdout, &stderr)
	}
	if want == exitFailed || want == exitUsage {
		lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
		if len(lines) > 2 || !strings.HasPrefix(lines[0], "flightrec: ") {
			ts.Fatalf("stderr isn't one clear line and a hint:\n%s", &stderr)
		}
	}
}

// same compares a file with what is expected, which may hold <...> for what differs
// from run to run: <time>, <dur> (a duration) and <any>.
//
//	same FILE WANT
func same(ts *testscript.TestScript, neg bool, args []string) {
	pattern := regexp.QuoteMeta(ts.ReadFile(args[1]))
	for word, form := range map[string]string{
		"<time>": `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`,
		"<dur>":  `\d+:\d\d:\d\d\.\d{6}`,
		"<any>":  `[^\n]*`,
	} {
		pattern = strings.ReplaceAll(pattern, regexp.QuoteMeta(word), form)
	}
	if got := ts.ReadFile(args[0]); !regexp.MustCompile(`^` + pattern + `$`).MatchString(got) {
		ts.Fatalf("%s is\n%swant\n%s", args[0], got, ts.ReadFile(args[1]))
	}
}
