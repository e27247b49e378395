package disk

import (
	"os"
	"testing"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

func TestInMemoryMounts(t *testing.T) {
	const gone, ext4 = 0, unix.EXT4_SUPER_MAGIC
	for _, tt := range []struct {
		name, fs, options, cmdline string
		upper                      int64
		want                       bool
	}{
		{"tmpfs", "tmpfs", "rw", "", gone, true},
		{"ramfs", "ramfs", "rw", "", gone, true},
		{"ext4", "ext4", "rw", "boot=overlay", gone, false},
		{"a container", "overlay", "rw,lowerdir=/l,upperdir=/u,workdir=/w", "", ext4, false},
		{"a container whose host is out of sight", "overlay", "rw,lowerdir=/l,upperdir=/u", "root=/dev/sda1", gone, false},
		{"a live system", "overlay", "rw,lowerdir=/l,upperdir=/u,workdir=/w", "", unix.TMPFS_MAGIC, true},
		{"raspi-config's overlay", "overlay", "rw,lowerdir=/lower,upperdir=/upper/upper", "console=tty1 boot=overlay root=PARTUUID=1", gone, true},
		{"overlayroot", "overlay", "rw,lowerdir=/l,upperdir=/u", "overlayroot=tmpfs", gone, true},
		{"read only", "overlay", "ro,lowerdir=/l", "boot=overlay", gone, false},
	} {
		m := &mountinfo.Info{FSType: tt.fs, VFSOptions: tt.options}
		if got := inMemory(m, tt.cmdline, func(string) int64 { return tt.upper }); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestInMemory(t *testing.T) {
	const shm = "/dev/shm"
	if typeAt(shm) != unix.TMPFS_MAGIC {
		t.Skip("needs a tmpfs at " + shm)
	}
	dir, err := os.MkdirTemp(shm, "flightrec-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if got := InMemory(dir); got != "tmpfs" {
		t.Errorf("%s is on %q", dir, got)
	}
	if got := InMemory("/proc"); got != "" {
		t.Errorf("/proc is on %q", got)
	}
}
