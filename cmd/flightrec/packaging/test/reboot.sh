# shellcheck shell=bash disable=SC2154 # variables are test.sh's
# A package's life on a kernel of its own, in User-Mode Linux: there a reboot and a
# power cut bring another boot ID and a boot clock that begins anew.

# deb_reboot installs the deb in the first boot, reboots, cuts the second boot's power,
# and powers the third off.
deb_reboot() {
	local disk=$work/disk
	fresh bookworm
	cp "$new"/*_amd64.deb "$root/root/flightrec.deb"
	story >"$root/root/story"
	cat >"$root/etc/systemd/system/story.service" <<-'END'
		[Service]
		ExecStart=/bin/sh -ex /root/story
		StandardError=tty
		TTYPath=/dev/console
	END
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -s ../story.service "$root/etc/systemd/system/multi-user.target.wants"
	truncate -s 1G "$disk"
	must mke2fs -q -t ext4 -d "$root" "$disk"
	must gcc -O2 -shared -fPIC -o "$work/preload.so" cmd/torture/uml/preload/xstate.c

	power_on "$disk"
	until_true 240 grep -q 'cut me off' "$work/console"
	kill -KILL -- "-$pid"
	wait "$pid" 2>/dev/null || true
	power_on "$disk"
	until_true 240 powered_off
	must e2fsck -fp "$disk"

	# The unit holds what it promises where systemd runs a kernel of its own.
	[[ $(kept status) == *'Status: "aloft since'* ]] || fail "no status line: $(kept status)"
	[ -z "$(kept errors)" ] || fail "in the journal, as errors: $(kept errors)"
	echo "  systemd-analyze security: $(kept exposure)"
	must awk "BEGIN { exit !($(kept exposure) <= 1.5) }"
	local boots
	mapfile -t boots < <(kept boots)
	kept report | jq -r '.machines[].periods[1:][] | [.kind, .cause // .boot] | join(" ")' >"$work/told"
	printf '%s\n' "uptime ${boots[0]}" 'downtime shutdown' "uptime ${boots[1]}" 'downtime crash' "uptime ${boots[2]}" |
		must diff - "$work/told"
}

# story is what the machine does in each of its boots.
story() {
	cat <<-'END'
		aloft() { flightrec dump --json | tail -n 1 | grep -q '"ending":"aloft"'; }
		cd /root
		cat /proc/sys/kernel/random/boot_id >>boots
		boot=$(wc -l <boots)
		[ "$boot" != 1 ] || dpkg -i flightrec.deb
		until aloft && [ "$(flightrec dump --json | wc -l)" = "$boot" ]; do sleep 0.2; done
		sleep 5
		case $boot in
		1)
			systemctl status --no-pager flightrec >status
			journalctl --quiet -u flightrec -p err >errors
			systemd-analyze security --no-pager flightrec | sed -n 's/.*exposure level for.*: \([0-9.]*\) .*/\1/p' >exposure
			systemctl --no-block reboot
			;;
		2)
			sync
			echo cut me off >/dev/console
			sleep 600
			;;
		3)
			flightrec report --json >report
			systemctl --no-block poweroff
			;;
		esac
	END
}

# power_on DISK boots a machine from a disk, in a group of processes of its own.
power_on() {
	mkdir -p "$work/uml"
	HOME=$work TMPDIR=/dev/shm LD_PRELOAD=$work/preload.so setsid /usr/bin/linux.uml mem=256M quiet uml_dir="$work/uml/" \
		ubd0="$1" root=/dev/ubda rw con0=null,fd:1 con=null ssl=null </dev/null >"$work/console" 2>&1 &
	pid=$!
}

powered_off() { ! kill -0 "$pid" 2>/dev/null; }

# kept FILE prints what the story left on the disk.
kept() { debugfs -R "cat /root/$1" "$work/disk" 2>/dev/null; }
