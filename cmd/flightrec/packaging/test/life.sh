# shellcheck shell=bash disable=SC2154 # variables are test.sh's
# A package's life under each init: it comes, records, is upgraded, outlives a
# shutdown, and goes. $old and $new are folders of what build.sh makes of two commits.

# asked JQ prints what a jq filter makes of the list of flights.
asked() { inside flightrec dump --json 2>/dev/null | jq -rs "$1"; }
flies() { [ "$(asked 'length, .[-1].ending' | tr '\n' ' ')" = "$1 aloft " ]; }

# recording N waits until there are N flights, the last of them aloft.
recording() { until_true 30 flies "$1"; }

# ended shutdown|stopped checks how the last flight but N (0) ended. Without systemd
# nothing tells that the machine goes on, so it is null then.
ended() {
	local down
	down=$(asked ".[-1-${2:-0}] | if .landing then .landing.shutdown == true else \"did not land\" end")
	case $1:$down in
	shutdown:true | stopped:false) ;;
	*) fail "a flight ended, not as $1: $down" ;;
	esac
}

version_is() { [ "$(inside flightrec --version)" = "flightrec version $1" ] || fail "$(inside flightrec --version) is not $1"; }
gone() { for left; do mustnt test -e "$root/$left"; done; }
gap() { asked '"  a gap of \((.[-1].since_boot_ns - .[-2].since_boot_ns - .[-2].legs[-1].last.elapsed_ns) / 1e9) s"'; }
options() { echo 'FLIGHTREC_OPTIONS="--interval 2s --clock trust"' >"$root/etc/default/flightrec"; }
obeyed() { [ "$(asked '.[-1].interval_ns')" = 2000000000 ] || fail "the options are not obeyed"; }
runs() { pgrep --ns "$init" --nslist pid -f 'bin/flightrec record'; }
options_stand() { must grep -q 'interval 2s' "$root/etc/default/flightrec"; }

# unpacked puts the new tarball into the root, as /root/flightrec.
unpacked() {
	mkdir -p "$root/root/flightrec"
	tar xzf "$new"/*_linux_amd64.tar.gz -C "$root/root/flightrec" --strip-components=1
}

# manual reads the manual page and completes a command, as a user of each shell does, of
# the deb and of the tarball.
manual() {
	fresh bookworm-shells man-db bash-completion zsh fish
	cp "$new"/*_amd64.deb "$root/root/new.deb"
	unpacked
	must chroot "$root" dpkg -i /root/new.deb
	manual_reads
	must chroot "$root" dpkg -P flightrec
	gone usr/share/man/man1/flightrec.1.gz usr/share/zsh/vendor-completions/_flightrec
	must chroot "$root" /root/flightrec/install.sh --no-start
	manual_reads
	must chroot "$root" /root/flightrec/install.sh --uninstall
	gone usr/local/share/man/man1/flightrec.1 usr/local/share/bash-completion/completions/flightrec
}

manual_reads() {
	told '^FLIGHTREC(1)' man -P cat flightrec
	told '_flightrec' bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader flightrec; complete -p flightrec'
	told '^_flightrec$' zsh -c 'autoload -U compinit && compinit -u && print $_comps[flightrec]'
	told '^report' fish -c 'complete -C "flightrec re"'
}

# told PATTERN COMMAND... demands that a command in the root prints a line of a pattern.
# Debian's fish looks below /usr/local only where XDG_DATA_DIRS says so.
told() {
	must chroot "$root" env -i PATH="$PATH" HOME=/root TERM=dumb XDG_DATA_DIRS=/usr/local/share:/usr/share "${@:2}"
	grep -q "$1" "$work/out" || { cat "$work/out" >&2 && fail "no $1 of ${*:2}"; }
}

deb_systemd() {
	fresh bookworm
	cp "$old"/*_amd64.deb "$root/root/old.deb"
	cp "$new"/*_amd64.deb "$root/root/new.deb"
	boot
	must inside dpkg -i /root/old.deb
	recording 1
	must inside systemctl is-enabled flightrec
	must inside test "$(inside stat -c %U /var/lib/flightrec)" = flightrec

	# An upgrade is a gap, and options that were edited stay.
	options
	must inside dpkg -i /root/new.deb
	recording 2
	version_is "$describe"
	options_stand
	obeyed
	gap

	# The unit holds what it promises where it is run.
	[[ $(inside systemctl status --no-pager flightrec) == *'Status: "aloft since'* ]] || fail "no status line"
	[ "$(inside journalctl -u flightrec -o json | jq -r 'select(.MESSAGE | tostring | test("took off")) | .PRIORITY' | sort -u)" = 6 ] || fail "no priority"
	exposure=$(inside systemd-analyze security --no-pager flightrec | sed -n 's/.*exposure level for.*: \([0-9.]*\) .*/\1/p')
	echo "  systemd-analyze security: $exposure"
	must awk "BEGIN { exit !($exposure <= 1.5) }"

	# The web server is off, and serves on a socket of systemd's when asked for.
	mustnt inside systemctl is-enabled flightrec-serve.socket
	mustnt inside systemctl is-enabled flightrec-ship.timer
	must inside systemctl start flightrec-serve.socket
	[[ $(inside bash -c 'exec 3<>/dev/tcp/127.0.0.1/9587; printf "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3; cat <&3') == *'
flightrec_up 1'* ]] || fail "no metrics from flightrec-serve"
	exposure=$(inside systemd-analyze security --no-pager flightrec-serve | sed -n 's/.*exposure level for.*: \([0-9.]*\) .*/\1/p')
	echo "  flightrec-serve: $exposure"
	must awk "BEGIN { exit !($exposure < 1.5) }"

	examples

	# It starts at boot, and knows a shutdown.
	down systemctl poweroff
	boot
	recording 3
	ended shutdown 1

	# What was turned off stays so.
	must inside systemctl disable --now flightrec
	must inside dpkg -i /root/old.deb
	must inside dpkg -i /root/new.deb
	mustnt inside systemctl is-active flightrec
	must inside systemctl enable --now flightrec
	recording 4

	# Removing stops, purging alone removes the journal.
	must inside dpkg -r flightrec
	mustnt inside systemctl is-active flightrec
	must test -d "$root/var/lib/flightrec/lane-0"
	options_stand
	must inside dpkg -i /root/new.deb
	recording 5
	ended stopped 1
	must inside dpkg -P flightrec
	gone var/lib/flightrec etc/default/flightrec etc/init.d/flightrec usr/bin/flightrec \
		etc/systemd/system/multi-user.target.wants/flightrec.service

	# The presets decide about a new installation.
	mkdir -p "$root/etc/systemd/system-preset"
	echo 'disable flightrec.service' >"$root/etc/systemd/system-preset/10-test.preset"
	must inside dpkg -i /root/new.deb
	mustnt inside systemctl is-enabled flightrec
	mustnt inside systemctl is-active flightrec
}

# examples runs the units among the examples: one tells that the machine is back, once its
# time is known, and a timer writes metrics.
examples() {
	local units=$root/etc/systemd/system lib=$root/usr/local/lib/flightrec metrics=$root/var/lib/prometheus/node-exporter
	cp "$root"/usr/share/doc/flightrec/examples/flightrec-t*.{service,timer} "$units"
	mkdir -p "$lib" "$metrics" "$units"/flightrec-{told@.service,textfile.timer}.d
	touch "$root/etc/default/flightrec-told"
	printf '#!/bin/sh\nexec cat >/run/told/back\n' >"$lib/told-test"
	chmod +x "$lib/told-test"
	printf '[Service]\nRuntimeDirectory=told\n' >"$units/flightrec-told@.service.d/test.conf"
	printf '[Timer]\nOnActiveSec=1\nAccuracySec=1\n' >"$units/flightrec-textfile.timer.d/test.conf"
	must inside systemctl daemon-reload
	must inside systemctl start flightrec-told@test flightrec-textfile.timer
	inside cat /run/told/back | must jq -e '.machines[0] | .recording and (.estimated | not)'
	until_true 60 grep -qs '^flightrec_up 1' "$metrics/flightrec.prom"
	must inside systemctl stop flightrec-textfile.timer
}

deb_sysv() {
	fresh bookworm-sysv sysvinit-core systemd-sysv-
	cp "$old"/*_amd64.deb "$root/root/old.deb"
	cp "$new"/*_amd64.deb "$root/root/new.deb"
	boot
	must inside dpkg -i /root/old.deb
	recording 1
	options
	must inside dpkg -i /root/new.deb
	recording 2
	ended stopped 1
	options_stand
	must inside /etc/init.d/flightrec status
	obeyed
	must inside logrotate -f /etc/logrotate.d/flightrec
	down poweroff
	boot
	recording 3
	ended shutdown 1
	must inside dpkg -r flightrec
	mustnt runs
	must test -d "$root/var/lib/flightrec/lane-0"
	must inside dpkg -P flightrec
	gone var/lib/flightrec var/log/flightrec.log etc/rc2.d/S01flightrec
}

# Debian has rpm and pacman, and their packages fit its systemd; its presets enable.
# What nfpm makes of an Arch package's scripts is for bash, which is Arch's sh.
rpm_systemd() {
	fresh bookworm-rpm rpm
	cp "$old"/*.x86_64.rpm "$root/root/old.rpm"
	cp "$new"/*.x86_64.rpm "$root/root/new.rpm"
	boot
	must inside rpm -i --nodeps /root/old.rpm
	recording 1
	options
	must inside rpm -U --nodeps /root/new.rpm
	recording 2
	ended stopped 1
	version_is "$describe"
	options_stand
	gap
	must inside rpm -V --nodeps --noconfig flightrec
	must inside rpm -e flightrec
	mustnt inside systemctl is-active flightrec
	must test -d "$root/var/lib/flightrec/lane-0"
	gone usr/bin/flightrec usr/lib/systemd/system/flightrec.service
}

arch_systemd() {
	fresh bookworm-arch pacman-package-manager
	ln -sf bash "$root/bin/sh"
	cp "$old"/*x86_64.pkg.tar.zst "$root/root/old.pkg.tar.zst"
	cp "$new"/*x86_64.pkg.tar.zst "$root/root/new.pkg.tar.zst"
	boot
	must inside pacman --noconfirm -U /root/old.pkg.tar.zst
	recording 1
	options
	must inside pacman --noconfirm -U /root/new.pkg.tar.zst
	recording 2
	ended stopped 1
	version_is "$describe"
	options_stand
	must inside pacman -Qk flightrec
	must inside pacman --noconfirm -R flightrec
	mustnt inside systemctl is-active flightrec
	must test -d "$root/var/lib/flightrec/lane-0"
	gone usr/bin/flightrec usr/lib/systemd/system/flightrec.service
}

# tarball TURN-OFF... is the life of what install.sh installs.
tarball() {
	unpacked
	boot
	must inside /root/flightrec/install.sh
	recording 1
	options
	must inside /root/flightrec/install.sh
	recording 2
	ended stopped 1
	options_stand
	obeyed
	down "$@"
	boot
	recording 3
	ended shutdown 1
	must inside /root/flightrec/install.sh --uninstall
	mustnt runs
	must test -d "$root/var/lib/flightrec/lane-0"
	options_stand
	gone usr/local/bin/flightrec etc/init.d/flightrec etc/sv/flightrec usr/local/lib/systemd/system/flightrec.service
}

tar_systemd() { fresh bookworm && tarball systemctl poweroff; }
tar_openrc() { fresh bookworm-openrc openrc sysvinit-core systemd-sysv- && tarball poweroff; }
tar_runit() { fresh bookworm-runit runit-init runit systemd-sysv- && tarball poweroff; }

# readme follows the README's install section word for word: each block of it that is
# marked "fresh FILE" is run where a download of FILE, as its end is, stands.
readme() {
	local block=$work/block file text
	awk -v to="$block" '/^<!-- fresh / { file = $3; next } file && /^```$/ { file = "" } file && !/^```/ { print > (to "." file) }' README.md
	for text in "$block".*; do
		file=${text#"$block."}
		echo "  $file"
		fresh bookworm
		mkdir -p "$root/root"
		cp "$new"/*"$file" "$root/root"
		cp "$text" "$root/root/block"
		printf '#!/bin/sh\nexec "$@"\n' >"$root/usr/local/bin/sudo"
		chmod +x "$root/usr/local/bin/sudo"
		echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/90test"
		boot
		must inside sh -c 'cd && sh -ex block'
		recording 1
	done
}

# scratch is a container image as Containerfile makes it: the binary, /proc, a volume.
scratch() {
	local image=$work/image
	mkdir -p "$image"/{proc,var/lib/flightrec}
	tar xzf "$new"/*_linux_amd64.tar.gz -C "$image" --strip-components=1 --wildcards '*/flightrec'
	unshare --mount --pid --fork --kill-child sh -c "mount -t proc proc $image/proc && exec chroot $image /flightrec record -d /var/lib/flightrec" 2>"$work/console" &
	pid=$!
	until_true 30 test -d "$image/var/lib/flightrec/lane-0"
	sleep 3
	kill "$(pgrep -P $pid)"
	wait $pid || true
	pid=''
	[ "$("$image/flightrec" dump --json -d "$image/var/lib/flightrec" | jq -r .ending)" = landed ] || fail "no flight that landed"
}
