#!/usr/bin/env bash
# Lets a machine go down in each way that leaves evidence, and holds what 'flightrec why'
# says at the next boot against how it went down.
#
#	story.sh RECORDER [STORY...]
#
# The machine is QEMU's with Debian 12 in it: its kernel, its systemd, and flightrec's own
# unit. The processor is emulated, since not each KVM runs that kernel, so that a
# story takes minutes. Needs root, qemu-system-x86, debootstrap, cpio, kmod and
# e2fsprogs; FLIGHTREC_QEMU keeps what is downloaded.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
recorder=$(realpath "$1")
shift
parts=${FLIGHTREC_QEMU:-$HOME/.cache/flightrec-qemu}
mkdir -p "$parts"
work=$(mktemp -d)
machine=
trap '[ -z "$machine" ] || kill -9 "$machine" 2>/dev/null; rm -rf "$work"' EXIT
# shellcheck source=/dev/null
. "$here/../../flightrec/packaging/test/roots.sh"

# unpack PACKAGE... puts Debian packages into $parts.
unpack() {
	local p
	for p; do
		[ ! -e "$parts/.$p" ] || continue
		(cd "$work" && apt-get download -qq "$p" 2>/dev/null && dpkg-deb -x "$p"_*.deb "$parts" && rm "$p"_*.deb)
		touch "$parts/.$p"
	done
}

kernel_package=$(apt-cache depends linux-image-amd64 | awk '/Depends:/ { print $2; exit }')
# shellcheck disable=SC2046
unpack "$kernel_package" busybox-static kexec-tools $(apt-cache depends --recurse --important kexec-tools | grep '^libxen' | sort -u)
release=${kernel_package#linux-image-}
kernel=$parts/boot/vmlinuz-$release
depmod -b "$parts" "$release"

# The initial root loads what the disk, the record of panics and the watchdog need: panic
# records must be there before systemd looks for them.
initrd() {
	local dir=$work/initrd module file
	mkdir -p "$dir"/{bin,proc,sys,dev,root,m}
	cp "$parts/bin/busybox" "$dir/bin"
	{
		echo '#!/bin/busybox sh'
		echo 'mount() { /bin/busybox mount "$@"; }; insmod() { /bin/busybox insmod "$@"; }'
		echo 'mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev'
		for module in virtio_pci virtio_blk ext4 ramoops i6300esb; do
			modprobe -d "$parts" -S "$release" --show-depends "$module" | while read -r _ file args; do
				[ -f "$file" ] || continue
				cp -n "$file" "$dir/m"
				echo "insmod /m/$(basename "$file") \$(/bin/busybox tr ' ' '\\n' </proc/cmdline | /bin/busybox sed -n 's/^$(basename "$file" .ko | tr - _)\\.//p') $args 2>/dev/null"
			done
		done
		echo 'mount -t ext4 /dev/vda /root; exec /bin/busybox switch_root /root /lib/systemd/systemd'
	} >"$dir/init"
	chmod +x "$dir/init"
	(cd "$dir" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd.gz"
}

# disk makes the disk of a machine in which nothing was recorded yet.
disk() {
	local root=$work/root
	cp -a "$(base)" "$root"
	cp "$recorder" "$root/usr/bin/flightrec"
	sed 's|@PREFIX@|/usr|g' "$here/../../flightrec/init/flightrec.service" >"$root/etc/systemd/system/flightrec.service"
	cp "$here/../../flightrec/init/flightrec-panic.service" "$root/etc/systemd/system"
	cp "$here/../../flightrec/init/sysusers.conf" "$root/usr/lib/sysusers.d/flightrec.conf"
	cp "$here/guest.sh" "$root/usr/bin/story"
	cp -r "$parts"/sbin/* "$root/usr/sbin/"
	cp -r "$parts"/usr/lib/*-linux-gnu "$root/usr/lib/"
	cp "$kernel" "$root/boot/vmlinuz"
	cp "$work/initrd.gz" "$root/boot/initrd"
	touch "$root/var/log/wtmp"
	printf '[Service]\nExecStart=/bin/bash /usr/bin/story\nStandardOutput=tty\nStandardError=tty\nTTYPath=/dev/ttyS0\nOOMPolicy=continue\nOOMScoreAdjust=-900\n' >"$root/etc/systemd/system/story.service"
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -sf ../story.service ../flightrec.service "$root/etc/systemd/system/multi-user.target.wants"
	[ "$1" != panictext ] || { mkdir -p "$root/etc/systemd/system/flightrec.service.wants" && ln -sf ../flightrec-panic.service "$root/etc/systemd/system/flightrec.service.wants"; }
	rm -f "$root/etc/machine-id"
	echo 5a1c7e0e93f44d2b8a6e2f1f6f1c0b77 >"$root/etc/machine-id"
	rm -f "$work/disk"
	mke2fs -q -t ext4 -d "$root" "$work/disk" 900M
	rm -rf "$root"
}

# boot starts the machine. Its middle of memory outlives a warm reset.
boot() {
	qemu-system-x86_64 $accel -M pc -m 512 -display none -serial "file:$1" -monitor none \
		-kernel "$kernel" -initrd "$work/initrd.gz" \
		-append "console=ttyS0 quiet memmap=1M\$0x10000000 ramoops.mem_address=0x10000000 ramoops.mem_size=0x100000 ramoops.record_size=0x20000 ramoops.ecc=1 panic=2 i6300esb.heartbeat=10 systemd.show_status=no story=$2" \
		-drive "file=$work/disk,if=virtio,format=raw,cache=directsync" -device i6300esb -action watchdog=reset </dev/null >"$work/qemu.log" 2>&1 &
	machine=$!
}

# awaited FILE TEXT waits until the machine has said it.
awaited() {
	local n
	for ((n = 0; n < ${PATIENCE:-600}; n++)); do
		! grep -aqs "$2" "$1" || return 0
		kill -0 "$machine" 2>/dev/null || break
		sleep 1
	done
	return 1
}

down() {
	kill -9 "$machine"
	wait "$machine" 2>/dev/null || true
	machine=
}

# A recorder whose question at landing isn't answered in time, as on a machine that is slow
# enough, doesn't know to what the machine goes down; wtmp proves the shutdown.
declare -A want=(
	[panic]='crash, panic (likely)'
	[panictext]='crash, panic (proven)'
	[panicoom]='crash, panic'
	[watchdog]='crash, watchdog (proven)'
	[oomkill]='crash\( \[.*\)\?$'
	[power]='crash\( \[.*\)\?$'
	[reset]='crash\( \[.*\)\?$'
	[reboot]='shutdown\(, reboot\)\? (proven)'
	[poweroff]='shutdown\(, power off\)\? (proven)'
	[kexec]='shutdown\(, kexec\)\? (proven)'
	[killed]='shutdown (proven)'
)
accel='-accel tcg'
initrd
failed=0
for story in "${@:-panic panictext panicoom watchdog oomkill power reset reboot poweroff kexec killed}"; do
	for story in $story; do
		began=$SECONDS
		disk "$story"
		rm -f "$work/first" "$work/second"
		boot "$work/first" "$story"
		said=$work/first
		case $story in
		power | oomkill | poweroff)
			if ! awaited "$said" '=== CUT'; then
				echo "$story: the machine said nothing" && tail -5 "$said" && failed=1
			fi
			[ "$story" != poweroff ] || wait "$machine" || true
			kill -9 "$machine" 2>/dev/null || true
			machine=
			boot "$work/second" "$story"
			said=$work/second
			;;
		esac
		if awaited "$said" '=== END' && sed -n 's/\r$//; /^went down/p' "$said" | grep -q ": ${want[$story]}"; then
			echo "$story: passed in $((SECONDS - began)) s: $(sed -n 's/\r$//; s/^went down.*: //p' "$said")"
		else
			echo "$story: FAILED, want ${want[$story]}"
			tail -40 "$said"
			failed=1
		fi
		down
	done
done
exit "$failed"
