# shellcheck shell=bash
# Roots of Debian 12 and what runs in them. Each root is a layer of memory over one
# that is made once, and kept in $cache. systemd-nspawn runs its init, whichever it is:
# the kernel is this machine's, so its boot ID stays over such a reboot.

cache=${FLIGHTREC_ROOTS:-$HOME/.cache/flightrec-roots}
cache=$(mkdir -p "$cache" && cd "$cache" && pwd)
root='' pid='' init=''

# base makes the root that all others stand on, and prints its folder.
base() {
	if [ ! -e "$cache/bookworm/.ready" ]; then
		rm -rf "$cache/bookworm"
		debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,logrotate,adduser bookworm "$cache/bookworm" >"$cache/log" ||
			{ tail "$cache/log" >&2 && return 1; }
		sed 's/main contrib.*/main/' /etc/apt/sources.list.d/debian.sources >"$cache/bookworm/etc/apt/sources.list.d/debian.sources" 2>/dev/null || true
		touch "$cache/bookworm/.ready"
	fi
	echo "$cache/bookworm"
}

# layer NAME PACKAGE... makes what installing packages changes in the base, and prints
# the folders that an overlay is made of. - removes, as apt has it.
layer() {
	local name=$1 low
	shift
	low=$(base) || return 1
	if [ $# = 0 ]; then
		echo "$low"
		return
	fi
	if [ ! -e "$cache/$name/ready" ]; then
		rm -rf "${cache:?}/$name"
		mkdir -p "$cache/$name"/{up,work,root}
		mount -t overlay overlay -o "lowerdir=$low,upperdir=$cache/$name/up,workdir=$cache/$name/work" "$cache/$name/root"
		cp /etc/resolv.conf "$cache/$name/root/etc/resolv.conf"
		printf '#!/bin/sh\nexit 101\n' >"$cache/$name/root/usr/sbin/policy-rc.d"
		chmod +x "$cache/$name/root/usr/sbin/policy-rc.d"
		if ! DEBIAN_FRONTEND=noninteractive chroot "$cache/$name/root" sh -c \
			'apt-get -qq update && apt-get -qq -y --allow-remove-essential --no-install-recommends install "$@" && rm /usr/sbin/policy-rc.d && apt-get clean' sh "$@" >"$cache/log" 2>&1; then
			umount "$cache/$name/root"
			tail "$cache/log" >&2
			return 1
		fi
		umount "$cache/$name/root"
		touch "$cache/$name/ready"
	fi
	echo "$cache/$name/up:$low"
}

# fresh NAME [PACKAGE...] makes a fresh root.
fresh() {
	local low
	discard
	low=$(layer "$@") || exit 1
	root=$work/root
	mkdir -p "$work/layer" "$root"
	mount -t tmpfs root "$work/layer"
	mkdir "$work/layer"/{up,work}
	mount -t overlay overlay -o "lowerdir=$low,upperdir=$work/layer/up,workdir=$work/layer/work" "$root"
	rm -f "$root/etc/hostname"
	echo board >"$root/etc/hostname"
}

# boot boots the root, and waits until what starts at boot has started.
boot() {
	systemd-nspawn --quiet --register=no --keep-unit --directory="$root" --console=pipe /sbin/init </dev/null >"$work/console" 2>&1 &
	pid=$!
	until_true 60 find_init
	until_true 60 booted
}

find_init() { init=$(pgrep -P "$pid") && inside true; }
booted() {
	case $(readlink "$root/sbin/init") in
	*systemd) inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' ;;
	*runit-init) pgrep --ns "$init" --nslist pid runsvdir >/dev/null ;;
	*) inside runlevel | grep -q '[2-5]$' && ! pgrep --ns "$init" --nslist pid -f 'init.d/rc|openrc' >/dev/null ;;
	esac
}

# inside runs a command in the booted root.
inside() {
	nsenter -t "$init" -m -u -i -p -n -r -w env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

# down COMMAND... has the root shut itself down by a command of its own.
down() {
	inside "$@" >/dev/null 2>&1 || true
	for _ in $(seq 300); do
		if ! kill -0 "$pid" 2>/dev/null; then
			wait "$pid" || true
			pid=''
			return
		fi
		sleep 0.2
	done
	fail "not down a minute after: $*"
}

# discard ends what runs, and forgets the root.
discard() {
	if [ -n "$pid" ]; then
		kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
		[ -z "$init" ] || kill -KILL "$init" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		pid='' init=''
	fi
	if [ -n "$root" ]; then
		mountpoint -q "$root" && umount -R "$root"
		mountpoint -q "$work/layer" && umount "$work/layer"
		root=''
	fi
}

fail() {
	echo "FAIL: $*" >&2
	[ ! -s "$work/console" ] || tail -n 20 "$work/console" >&2
	exit 1
}

# until_true SECONDS COMMAND... waits for a command to succeed.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || fail "not within the time: $*"
		sleep 0.2
	done
}

# must COMMAND... and mustnt COMMAND... say what went wrong.
must() { "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2 && fail "$*"; }; }
mustnt() { ! "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2 && fail "succeeded: $*"; }; }
