//go:build linux && amd64

package uml

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// newRoot is where the guest's root is built; every Debian has the folder.
const newRoot = "/mnt"

// etc is the guest's own /etc. It has the users that the daemons want to be.
var etc = map[string]string{
	"/etc/passwd": `root:x:0:0::/root:/bin/sh
daemon:x:1:1::/usr/sbin:/bin/false
_chrony:x:101:101::/var/lib/chrony:/bin/false
ntpsec:x:102:102::/nonexistent:/bin/false
systemd-timesync:x:103:103::/:/bin/false
messagebus:x:104:104::/nonexistent:/bin/false
_tuptime:x:105:105::/var/lib/tuptime:/bin/false
nobody:x:65534:65534::/nonexistent:/bin/false
`,
	"/etc/group": `root:x:0:
daemon:x:1:
tty:x:5:
utmp:x:43:
_chrony:x:101:
ntpsec:x:102:
systemd-timesync:x:103:
messagebus:x:104:
_tuptime:x:105:
systemd-journal:x:106:
nogroup:x:65534:
`,
	"/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\n",
	"/etc/hosts":         "127.0.0.1 localhost\n",
	"/etc/hostname":      "uml\n",
	"/etc/services":      "ntp 123/udp\n",
	"/etc/machine-id":    "5ca1ab1e0ddba11c0ffee0facade0fff\n",
}

// useless is what systemd need not start: nobody logs in, there are no modules, and
// nothing but /var/lib/flightrec is kept. It makes a boot twice as fast.
const useless = `getty.target modprobe@.service kmod-static-nodes.service dev-mqueue.mount systemd-remount-fs.service
	systemd-sysctl.service systemd-random-seed.service systemd-journal-flush.service systemd-update-utmp.service
	systemd-update-utmp-runlevel.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-clean.timer
	systemd-ask-password-console.path systemd-ask-password-wall.path systemd-timesyncd.service`

// build lays the guest's root over the host's, and makes it the root.
func (s *setup) build(text []byte) error {
	if err := mount("root", newRoot, "tmpfs", "mode=755"); err != nil {
		return err
	}
	for _, dir := range strings.Fields("dev etc opt proc root run sys tmp var/lib/flightrec var/lib/chrony var/log var/tmp") {
		if err := os.MkdirAll(filepath.Join(newRoot, dir), 0o755); err != nil {
			return err
		}
	}
	if err := s.borrow(); err != nil {
		return err
	}
	if err := s.write(text); err != nil {
		return err
	}
	// The old root is stacked upon the new one's place, and taken away from there.
	if err := unix.Chdir(newRoot); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("changing root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leaving the host's root: %w", err)
	}
	return s.mountAll()
}

// borrow shows the host's programs in the new root.
func (s *setup) borrow() error {
	for _, name := range strings.Fields("usr bin sbin lib lib32 lib64 libx32") {
		path := "/" + name
		if target, err := os.Readlink(path); err == nil {
			if err := os.Symlink(target, newRoot+path); err != nil {
				return err
			}
			continue
		}
		if _, err := os.Stat(path); err == nil {
			if err := bind(path, newRoot+path); err != nil {
				return err
			}
		}
	}
	if parts := s.Parts; parts != "" {
		if err := bind(parts, newRoot+guestParts); err != nil {
			return err
		}
	}
	for name, path := range s.Programs {
		if err := bind(path, filepath.Join(newRoot, "opt", name)); err != nil {
			return err
		}
	}
	return bind(s.Agent, newRoot+"/opt/agent")
}

// write writes the guest's files and units.
func (s *setup) write(text []byte) error {
	files := maps.Clone(etc)
	files["/etc/"+setupFile] = string(text)
	services := maps.Clone(s.Services)
	if services == nil {
		services = make(map[string]string)
	}
	services["agent.service"] = agentUnit
	links := map[string]string{
		unitsDir + "default.target": "/usr/lib/systemd/system/multi-user.target",
	}
	for _, name := range strings.Fields(useless) {
		if !slices.Contains(s.Keep, name) {
			links[unitsDir+name] = "/dev/null"
		}
	}
	for name, unit := range services {
		files[unitsDir+name] = unit
		links[unitsDir+"multi-user.target.wants/"+name] = unitsDir + name
	}
	maps.Copy(files, s.Files)
	for path, content := range files {
		if err := put(path, func(path string) error { return os.WriteFile(path, []byte(content), 0o644) }); err != nil {
			return err
		}
	}
	for path, target := range links {
		if err := put(path, func(path string) error { return os.Symlink(target, path) }); err != nil {
			return err
		}
	}
	return nil
}

// put makes something in the new root, and the folders that it lies in.
func put(path string, make func(path string) error) error {
	path = newRoot + path
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return make(path)
}

func (s *setup) mountAll() error {
	for _, m := range []struct{ what, where, kind, options string }{
		{"proc", "/proc", "proc", ""},
		{"sys", "/sys", "sysfs", ""},
		{"dev", "/dev", "devtmpfs", ""},
		{"run", "/run", "tmpfs", "mode=755"},
	} {
		if err := mount(m.what, m.where, m.kind, m.options); err != nil {
			return err
		}
	}
	if s.Disk == "" {
		return nil
	}
	return mount("/dev/ubda", "/var/lib/flightrec", "ext4", "")
}

func mount(what, where, kind, options string) error {
	if err := unix.Mount(what, where, kind, 0, options); err != nil {
		return fmt.Errorf("mounting %s at %s: %w", what, where, err)
	}
	return nil
}

// bind shows a file or folder of the host at another path, which it makes.
func bind(path, at string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = os.MkdirAll(at, 0o755)
	} else {
		err = cmp.Or(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, nil, 0o755))
	}
	if err != nil {
		return err
	}
	if err := unix.Mount(path, at, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("showing %s at %s: %w", path, at, err)
	}
	return nil
}
