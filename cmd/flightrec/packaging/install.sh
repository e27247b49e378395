#!/bin/sh
# install.sh installs flightrec where no package fits: from an unpacked tarball, in
# which it stands, or from a checkout that was built.
#
#   ./install.sh               installs it, and starts recording
#   ./install.sh --no-start    copies the files alone
#   ./install.sh --uninstall   stops it, and removes all but journal, log and options
#
# PREFIX is where it goes (/usr/local), DESTDIR a folder that stands for another
# machine's root (nothing is started then), INIT what starts it: systemd, openrc,
# procd, runit, sysv, launchd, freebsd, netbsd, openbsd or none, and without it what
# this machine has.
set -eu

PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
USER_NAME=flightrec

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

here=$(cd "$(dirname "$0")" && pwd)
if [ -d "$here/init" ]; then
	bin=$here/flightrec init=$here/init share=$here/share
else
	bin=$here/../../../bin/flightrec init=$here/../init share=$here/../../../bin/share
fi

# find_init prints what runs here; another machine's, behind DESTDIR, may have any.
find_init() {
	case $(uname -s) in
	Darwin) echo launchd && return ;;
	FreeBSD) echo freebsd && return ;;
	NetBSD) echo netbsd && return ;;
	OpenBSD) echo openbsd && return ;;
	esac
	if [ -n "$DESTDIR" ] || [ -d /run/systemd/system ]; then
		echo systemd
	elif [ -e /etc/rc.common ]; then
		echo procd
	elif [ "$(cat /proc/1/comm)" = runit ]; then
		echo runit
	elif [ -d /run/openrc ]; then
		echo openrc
	elif [ -d /etc/init.d ] && command -v start-stop-daemon >/dev/null; then
		echo sysv
	else
		echo none
	fi
}

# put copies file $1 to $2 with mode $3; @PREFIX@ in it becomes PREFIX.
put() {
	mkdir -p "$(dirname "$DESTDIR$2")"
	# A program that runs can't be written to, but it can be replaced.
	rm -f "$DESTDIR$2.new"
	case $1 in
	"$bin") cp "$1" "$DESTDIR$2.new" ;;
	*) sed "s|@PREFIX@|$PREFIX|g" "$1" >"$DESTDIR$2.new" ;;
	esac
	chmod "$3" "$DESTDIR$2.new"
	mv -f "$DESTDIR$2.new" "$DESTDIR$2"
}

# scripts lists what the init needs: file, where it goes, mode.
scripts() {
	case $INIT in
	systemd)
		echo "flightrec.service $PREFIX/lib/systemd/system/flightrec.service 0644"
		echo "flightrec-panic.service $PREFIX/lib/systemd/system/flightrec-panic.service 0644"
		echo "flightrec-serve.service $PREFIX/lib/systemd/system/flightrec-serve.service 0644"
		echo "flightrec-serve.socket $PREFIX/lib/systemd/system/flightrec-serve.socket 0644"
		echo "flightrec-ship.service $PREFIX/lib/systemd/system/flightrec-ship.service 0644"
		echo "flightrec-ship.timer $PREFIX/lib/systemd/system/flightrec-ship.timer 0644"
		echo "sysusers.conf $PREFIX/lib/sysusers.d/flightrec.conf 0644"
		;;
	openrc) echo "flightrec.openrc /etc/init.d/flightrec 0755" ;;
	procd) echo "flightrec.procd /etc/init.d/flightrec 0755" ;;
	sysv) echo "flightrec.sysv /etc/init.d/flightrec 0755" ;;
	runit)
		echo "flightrec.runit /etc/sv/flightrec/run 0755"
		echo "flightrec.runit-t /etc/sv/flightrec/control/t 0755"
		;;
	launchd) echo "flightrec.plist /Library/LaunchDaemons/flightrec.plist 0644" ;;
	freebsd) echo "flightrec.freebsd /usr/local/etc/rc.d/flightrec 0755" ;;
	netbsd) echo "flightrec.netbsd /etc/rc.d/flightrec 0755" ;;
	openbsd) echo "flightrec.openbsd /etc/rc.d/flightrec 0755" ;;
	none) ;;
	*) fail "INIT $INIT: not one that is known" ;;
	esac
	case $INIT in
	openrc | sysv | runit) echo "flightrec.logrotate /etc/logrotate.d/flightrec 0644" ;;
	esac
}

make_user() {
	[ "$INIT" != openbsd ] || USER_NAME=_flightrec
	if id "$USER_NAME" >/dev/null 2>&1; then
		return
	fi
	case $INIT in
	launchd | none) ;;
	systemd) systemd-sysusers ;;
	freebsd) pw useradd "$USER_NAME" -d /var/lib/flightrec -s /usr/sbin/nologin -c "flight recorder" ;;
	netbsd | openbsd)
		groupadd "$USER_NAME"
		useradd -g "$USER_NAME" -d /var/lib/flightrec -s /sbin/nologin -c "flight recorder" "$USER_NAME"
		;;
	*)
		if command -v useradd >/dev/null; then
			useradd -r -U -d /var/lib/flightrec -s /usr/sbin/nologin -c "flight recorder" "$USER_NAME"
		elif command -v adduser >/dev/null; then
			addgroup -S "$USER_NAME"
			adduser -S -D -H -h /var/lib/flightrec -s /sbin/nologin -G "$USER_NAME" "$USER_NAME"
		else
			# OpenWrt has neither.
			id=$(awk -F: '{ used[$3] } END { for (id = 600; id in used; id++); print id }' /etc/passwd /etc/group)
			echo "$USER_NAME:x:$id:" >>/etc/group
			echo "$USER_NAME:x:$id:$id:flight recorder:/var/lib/flightrec:/bin/false" >>/etc/passwd
		fi
		;;
	esac
}

start() {
	make_user
	case $INIT in
	systemd)
		systemctl daemon-reload
		systemctl enable flightrec.service
		systemctl restart flightrec.service
		;;
	openrc)
		rc-update add flightrec default
		rc-service flightrec restart
		;;
	procd)
		/etc/init.d/flightrec enable
		/etc/init.d/flightrec restart
		;;
	runit)
		if sv status flightrec >/dev/null 2>&1; then
			sv -w 35 restart flightrec
			return
		fi
		for d in /etc/service /var/service; do # Debian's and Void's folder of what runs
			[ ! -d $d ] || ln -sfn /etc/sv/flightrec $d/flightrec
		done
		;;
	sysv)
		if command -v update-rc.d >/dev/null; then
			update-rc.d flightrec defaults
		elif command -v chkconfig >/dev/null; then
			chkconfig --add flightrec
		fi
		/etc/init.d/flightrec restart
		;;
	launchd)
		install -d -o daemon -m 0755 /var/lib/flightrec
		launchctl unload /Library/LaunchDaemons/flightrec.plist 2>/dev/null || true
		launchctl load -w /Library/LaunchDaemons/flightrec.plist
		;;
	freebsd)
		sysrc flightrec_enable=YES
		service flightrec restart
		;;
	netbsd)
		grep -q '^flightrec=' /etc/rc.conf || echo flightrec=YES >>/etc/rc.conf
		/etc/rc.d/flightrec restart
		;;
	openbsd)
		rcctl enable flightrec
		rcctl restart flightrec
		;;
	none) echo "no init is known here: start '$PREFIX/bin/flightrec record' at boot, and end it by SIGTERM" ;;
	esac
}

# stop takes no failure for one: what isn't there needn't be stopped.
stop() {
	case $INIT in
	systemd) systemctl disable --now flightrec.service flightrec-panic.service flightrec-ship.timer ;;
	openrc) rc-service --ifstarted flightrec stop && rc-update del flightrec ;;
	procd) /etc/init.d/flightrec stop && /etc/init.d/flightrec disable ;;
	runit)
		sv -w 35 stop flightrec
		rm -f /etc/service/flightrec /var/service/flightrec
		;;
	sysv)
		/etc/init.d/flightrec stop
		rm -f /etc/rc?.d/[SK]??flightrec
		;;
	launchd) launchctl unload -w /Library/LaunchDaemons/flightrec.plist ;;
	freebsd) service flightrec stop && sysrc -x flightrec_enable ;;
	netbsd) /etc/rc.d/flightrec stop ;;
	openbsd) rcctl stop flightrec && rcctl disable flightrec ;;
	esac
}

# share_files lists manual and completions, below PREFIX/share.
share_files() {
	[ ! -d "$share" ] || (cd "$share" && find . -type f)
}

action=${1:---start}
case $action in
--start | --no-start | --uninstall) ;;
*) fail "$action: not --no-start or --uninstall" ;;
esac
INIT=${INIT:-$(find_init)}
list=$(scripts)
[ -n "$DESTDIR" ] || [ "$(id -u)" = 0 ] || fail "must be root, or DESTDIR be set"

if [ "$action" = --uninstall ]; then
	[ -n "$DESTDIR" ] || stop || true
	echo "$list" | while read -r _ to _; do
		[ -z "$to" ] || rm -f "$DESTDIR$to"
	done
	[ "$INIT" != runit ] || rm -rf "$DESTDIR/etc/sv/flightrec"
	share_files | while read -r file; do
		rm -f "$DESTDIR$PREFIX/share/$file"
	done
	rm -f "$DESTDIR$PREFIX/bin/flightrec"
	[ "$INIT" != systemd ] || [ -n "$DESTDIR" ] || systemctl daemon-reload || true
	exit 0
fi

[ -x "$bin" ] || fail "$bin: no such program; 'make build' makes it"
put "$bin" "$PREFIX/bin/flightrec" 0755
share_files | while read -r file; do
	put "$share/$file" "$PREFIX/share/$file" 0644
done
echo "$list" | while read -r from to mode; do
	[ -z "$from" ] || put "$init/$from" "$to" "$mode"
done
case $INIT in
systemd | openrc | procd | runit | sysv)
	[ -e "$DESTDIR/etc/default/flightrec" ] || put "$init/flightrec.default" /etc/default/flightrec 0644
	;;
esac
if [ "$action" = --start ] && [ -z "$DESTDIR" ]; then
	start
fi
