#!/bin/bash
# test.sh [CASE...] makes the packages of this commit and of the one before, and lets
# them live in fresh roots of Debian 12: all cases, or those that are named. It needs
# root, and Debian's debootstrap, systemd-container, lintian, rpm, procps, jq,
# user-mode-linux, e2fsprogs and gcc. What is committed is tested.
#
# foreign unpacks packages of other processors, and runs them with qemu-user; it is
# not among all.
set -euo pipefail
cd "$(dirname "$0")/../../../.."

work=$(mktemp -d)
new=$work/new old=$work/old
trap 'discard; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
. cmd/flightrec/packaging/test/roots.sh
. cmd/flightrec/packaging/test/life.sh
. cmd/flightrec/packaging/test/reboot.sh

# made COMMIT FOLDER makes the packages of a commit, in a checkout of its own, by the
# build and with the files of this one, but for the manual, which is part of the program
# as the modules are.
made() {
	git clone -q --shared . "$work/tree"
	git -C "$work/tree" checkout -q "$1"
	if [ "$1" != HEAD ]; then
		git -C "$work/tree" checkout -q "$(git rev-parse HEAD)" -- Makefile cmd/flightrec/init cmd/flightrec/packaging
		git -C "$work/tree" checkout -q "$1" -- cmd/flightrec/packaging/manual
	fi
	"$work/tree/cmd/flightrec/packaging/build.sh" "$2" "${@:3}" >/dev/null
	rm -rf "$work/tree"
}

# before prints the newest commit but this one that has a manual to pack.
before() {
	local commit
	while read -r commit; do
		if git cat-file -e "$commit:cmd/flightrec/main_manual.go" 2>/dev/null; then
			echo "$commit"
			return
		fi
	done < <(git rev-list --skip=1 HEAD)
	fail "no commit before this one: the clone must not be shallow"
}

# reproducible makes the packages a second time, elsewhere.
reproducible() {
	made HEAD "$work/again" linux/amd64
	must diff "$new/SHA256SUMS" "$work/again/SHA256SUMS"
	(cd "$new" && must sha256sum --quiet -c SHA256SUMS)
}

# checked asks the tools that Debian has about packages. No apk, opkg: their packages
# are read as the archives that they are.
checked() {
	must lintian --allow-root --fail-on error "$new"/*.deb
	grep -v '^N:' "$work/out" || true
	for p in "$new"/*.rpm; do
		must rpm -K "$p"
	done
	for p in "$new"/*.apk; do
		local info
		info=$(tar xzOf "$p" --warning=no-unknown-keyword --ignore-zeros .PKGINFO)
		[ "$(sed -n 's/^datahash = //p' <<<"$info")" = "$(apk_data "$p" | sha256sum | cut -d' ' -f1)" ] || fail "$p: another datahash"
	done
	for p in "$new"/*.ipk; do
		for script in preinst postinst prerm; do
			tar xzOf "$p" ./control.tar.gz 2>/dev/null | tar xzO "./$script" | must sh -n
		done
	done
	# Each relationship of the bill is between what it lists, and each module has a licence.
	must jq -e '[.packages[].SPDXID, .SPDXID] as $ids | (($ids | unique | length) == ($ids | length))
		and all(.relationships[]; (.spdxElementId | IN($ids[])) and (.relatedSpdxElement | IN($ids[])))
		and all(.packages[1:][]; .licenseDeclared != "")' "$new"/*.spdx.json
}

# apk_data prints an apk's second gzip member, which datahash is of.
apk_data() {
	python3 -c 'import sys, zlib
b = open(sys.argv[1], "rb").read()
d = zlib.decompressobj(31)
d.decompress(b)
sys.stdout.buffer.write(d.unused_data)' "$1"
}

# foreign runs what is packed for other processors.
foreign() {
	made HEAD "$work/foreign" linux/arm64 linux/arm linux/riscv64 linux/386 linux/mipsle linux/mips
	local name qemu dir
	while read -r name qemu; do
		dir=$work/$name
		mkdir -p "$dir"
		case $name in
		*.deb) dpkg-deb -x "$work/foreign"/*"_$name" "$dir" ;;
		*.ipk) tar xzOf "$work/foreign"/*"_$name" ./data.tar.gz | tar xz -C "$dir" ;;
		esac
		[ "$($qemu "$dir/usr/bin/flightrec" --version)" = "flightrec version $describe" ] || fail "$name: another version"
		$qemu "$dir/usr/bin/flightrec" record -d "$dir/journal" 2>"$work/console" &
		pid=$!
		until_true 60 grep -q 'took off' "$work/console"
		sleep 3
		kill $pid
		wait $pid || fail "$name: did not land"
		pid=''
		[ "$($qemu "$dir/usr/bin/flightrec" dump --json -d "$dir/journal" | jq -r .ending)" = landed ] || fail "$name: no flight that landed"
		echo "  $name"
	done <<-END
		arm64.deb qemu-aarch64
		armhf.deb qemu-arm -cpu arm1176
		riscv64.deb qemu-riscv64
		i386.deb
		mipsel.deb qemu-mipsel
		openwrt-arm64.ipk qemu-aarch64
		openwrt-arm.ipk qemu-arm -cpu arm1176
		openwrt-mipsle.ipk qemu-mipsel -cpu 24Kc
		openwrt-mips.ipk qemu-mips -cpu 24Kc
	END
}

cases=(reproducible checked manual deb_systemd deb_reboot deb_sysv rpm_systemd arch_systemd tar_systemd tar_openrc tar_runit scratch readme)
[ $# = 0 ] || cases=("$@")
[ "$(id -u)" = 0 ] || fail "must be root"
describe=$(git describe --tags --match 'v[0-9]*' --always)
commit=$(before)
echo "building $describe and ${commit::7}"
made HEAD "$new" linux/amd64
made "$commit" "$old" linux/amd64
for c in "${cases[@]}"; do
	began=$SECONDS
	echo "$c"
	$c
	discard
	echo "ok  $c  $((SECONDS - began)) s"
done
echo "${#cases[@]} passed, 0 failed, 0 skipped"
