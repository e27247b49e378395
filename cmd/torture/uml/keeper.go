//go:build linux && amd64

package uml

import (
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// A machine's programs are processes of the host, which the kernel holds by
// tracing them. Were the kernel alone to die, they would run on as what they look
// like, programs of the host. So the whole group is killed at once, always.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// await waits for the machine's end. How it exits is nothing to go by: Linux
// itself was told how to end.
func (m *Machine) await() {
	_ = m.cmd.Wait()
	killGroup(m.cmd.Process.Pid)
	if m.keeper != nil {
		m.keeper.Close()
	}
	close(m.exited)
}

// keeper is a process that kills a machine if the test process itself is killed.
type keeper struct {
	cmd   *exec.Cmd
	alive io.Closer
}

// keep starts the keeper of a process group. It waits for the end of its input,
// which comes when the test process is no more.
func keep(group int) (io.Closer, error) {
	cmd := exec.Command("/bin/sh", "-c", `read line; kill -s KILL -- "-$0"`, strconv.Itoa(group))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &keeper{cmd, alive}, nil
}

// Close ends the keeper, and leaves the machine alone.
func (k *keeper) Close() error {
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
	return k.alive.Close()
}
