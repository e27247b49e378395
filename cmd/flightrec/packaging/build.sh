#!/bin/bash
# build.sh OUT GOOS/GOARCH... makes packages and tarballs for these platforms into the
# folder OUT, with their sums, an SPDX bill and the licences of what is linked in. It
# stands in a checkout, and two builds of one commit by one Go give the same sums.
set -euo pipefail
cd "$(dirname "$0")/../../.."

NFPM=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift

# describe is what --version says and Git understands: v1.2.0, v1.2.0-5-g3d8afed, or
# 3d8afed where nothing is tagged.
describe=$(git describe --tags --match 'v[0-9]*' --always --dirty)
case $describe in
v*) base=${describe#v} ;;
*) base=0.0.0-$(git rev-list --count HEAD)-g$describe ;;
esac
# Package managers want 1.2.0+5.g3d8afed, which is later than 1.2.0; Alpine's apk knows
# no commit, and wants 1.2.0_p5.
version=$(echo "$base" | sed -E 's/-([0-9]+)-g/+\1.g/; s/-dirty/.dirty/')
apk_version=$(echo "$base" | sed -E 's/-([0-9]+)-g.*/_p\1/; s/-dirty//')
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
maintainer=${MAINTAINER:-$(git log -1 --format='%cn <%ce>')}
export SOURCE_DATE_EPOCH CGO_ENABLED=0 TZ=UTC LC_ALL=C
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
mkdir -p "$stage" "$work/tool"
GOBIN=$work/tool go install "$NFPM"
nfpm=$work/tool/nfpm

# stage holds the files of all packages. Those for PREFIX get it here.
sed "s|@MAINTAINER@|$maintainer|" cmd/flightrec/packaging/nfpm.yaml >"$stage/nfpm.yaml"
cp -r cmd/flightrec/packaging/{deb,rpm,apk,arch,ipk,lintian-overrides} "$stage"
for f in cmd/flightrec/init/*; do
	[ -d "$f" ] || sed 's|@PREFIX@|/usr|g' "$f" >"$stage/${f##*/}"
done
cp -r cmd/flightrec/init/examples "$stage"
echo /srv/flightrec >"$stage/sysupgrade"

# Manual page and completions, with the page packed and zsh's where Debian has them.
make -s manual VERSION="$describe"
cp -r bin/share "$stage/share"
gzip -9n "$stage/share/man/man1/flightrec.1"
cp -r "$stage/share" "$stage/share-deb"
mv "$stage/share-deb/zsh"/{site-functions,vendor-completions}

go run ./cmd/flightrec/packaging/bill -version "$version" -date "$SOURCE_DATE_EPOCH" -tags urfave_cli_no_docs,nethttpomithttp2 \
	-notices "$work/notices" -spdx "$out/flightrec_$version.spdx.json" "$@"
cp "$work/notices" "$out/flightrec_$version.notices.txt"
{
	sed -n '/^## Licence$/,$p' README.md | tail -n +3
	echo
	echo "Its binary contains other software, whose terms stand beside this file in notices.gz."
	echo "On Debian the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0, too."
} >"$stage/copyright"
gzip -9n <"$work/notices" >"$stage/notices.gz"
gzip -9n <.github/CHANGELOG.md >"$stage/changelog.gz"

# What changed since the last tag, newest first: for rpm, and as Debian has it, in
# lines of 80 at most, which nfpm doesn't wrap.
git log -50 --format=%s "$(git describe --tags --match 'v[0-9]*' --abbrev=0 HEAD^ 2>/dev/null | sed 's/$/../')HEAD" >"$work/changes"
{
	echo "- semver: $version-1"
	echo "  date: $(git log -1 --format=%cI)"
	echo "  packager: $maintainer"
	echo "  changes:"
	sed "s/'/''/g; s/.*/    - note: '&'/" "$work/changes"
} >"$stage/changelog.yaml"
{
	echo "flightrec ($version-1) stable; urgency=low"
	echo
	while read -r change; do
		echo "$change" | fold -s -w 75 | sed '1s/^/  * /; 1!s/^/    /; s/ *$//'
	done <"$work/changes"
	echo
	echo " -- $maintainer  $(git log -1 --format=%cD)"
} | gzip -9n >"$stage/changelog.Debian.gz"
grep -v '^changelog:' "$stage/nfpm.yaml" >"$stage/nfpm-deb.yaml"

# build builds the binary for a GOOS/GOARCH. Raspberry Pi OS's armhf is ARMv6, and
# OpenWrt's MIPS have no FPU.
build() {
	GOOS=${1%/*} GOARCH=${1#*/} GOARM=6 GOMIPS=softfloat make -s build VERSION="$describe" OUTPUT="$2"
}

# pack FORMAT ARCH FILE packs with nfpm, whose name for the architecture is ARCH.
pack() {
	local v=$version config=nfpm.yaml
	[ "$1" != apk ] || v=$apk_version
	[ "$1" != deb ] || config=nfpm-deb.yaml
	echo "$3"
	(cd "$stage" && PKG_ARCH=$2 PKG_VERSION=$v "$nfpm" pkg -f $config -p "$1" -t "$out/$3" >/dev/null)
}

# tarball packs the binary, manual and completions, the inits of its system, and
# install.sh.
tarball() {
	local name=flightrec_${version}_${1%/*}_$2 dir files
	dir=$work/tar/$name
	rm -rf "$work/tar"
	mkdir -p "$dir/init"
	case $1 in
	linux/*) files=(flightrec.{default,service,openrc,procd,runit,runit-t,sysv,logrotate} flightrec-panic.service flightrec-serve.{service,socket} flightrec-ship.{service,timer} examples sysusers.conf Containerfile) ;;
	darwin/*) files=(flightrec.plist) ;;
	windows/*) files=() ;;
	*) files=("flightrec.${1%/*}") ;;
	esac
	cp "$stage"/{copyright,notices.gz,changelog.gz} "$dir"
	case $1 in
	windows/*) cp "$work/flightrec" "$dir/flightrec.exe" ;;
	*)
		cp -r "$work/flightrec" bin/share cmd/flightrec/packaging/install.sh "$dir"
		(cd cmd/flightrec/init && cp -r "${files[@]}" "$dir/init")
		;;
	esac
	find "$dir" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	echo "$name.tar.gz"
	tar -C "$work/tar" --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
}

for p; do
	build "$p" "$work/flightrec"
	cp "$work/flightrec" "$stage/flightrec"
	# uname -m of the machines that opkg's package is for.
	case $p in
	linux/amd64) machines=x86_64 ;;
	linux/arm64) machines=aarch64 ;;
	linux/arm) machines='armv[6-9]*' ;;
	linux/riscv64) machines=riscv64 ;;
	linux/386) machines='i[3-6]86 | x86_64' ;;
	linux/mips | linux/mipsle) machines='mips*' ;;
	*) machines= ;;
	esac
	sed "s/@MACHINES@/$machines/g" cmd/flightrec/packaging/ipk/preinst >"$stage/ipk/preinst"
	# apk notes when its scripts were changed.
	find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	arch=${p#*/}
	case $p in
	linux/arm)
		# One binary for ARMv6 and all later ones. deb has one name for them; those
		# that have two get two packages.
		pack deb arm6 "flightrec_${version}-1_armhf.deb"
		pack rpm arm6 "flightrec-$version-1.armv6hl.rpm"
		pack rpm arm7 "flightrec-$version-1.armv7hl.rpm"
		pack apk arm6 "flightrec-$apk_version-r1.armhf.apk"
		pack apk arm7 "flightrec-$apk_version-r1.armv7.apk"
		pack archlinux arm6 "flightrec-$version-1-armv6h.pkg.tar.zst"
		pack archlinux arm7 "flightrec-$version-1-armv7h.pkg.tar.zst"
		;;
	linux/mipsle) pack deb mipsle "flightrec_${version}-1_mipsel.deb" ;;
	linux/mips) ;;
	linux/*)
		case $arch in
		amd64) deb=amd64 rpm=x86_64 apk=x86_64 pacman=x86_64 ;;
		arm64) deb=arm64 rpm=aarch64 apk=aarch64 pacman=aarch64 ;;
		riscv64) deb=riscv64 rpm=riscv64 apk=riscv64 pacman=riscv64 ;;
		386) deb=i386 rpm=i686 apk=x86 pacman=i686 ;;
		esac
		pack deb "$deb" "flightrec_${version}-1_$deb.deb"
		pack rpm "$rpm" "flightrec-$version-1.$rpm.rpm"
		pack apk "$apk" "flightrec-$apk_version-r1.$apk.apk"
		pack archlinux "$pacman" "flightrec-$version-1-$pacman.pkg.tar.zst"
		;;
	esac
	case $p in
	linux/arm) tarball "$p" armv6 ;;
	*) tarball "$p" "$arch" ;;
	esac
	case $p in
	linux/*) pack ipk all "flightrec_${version}-1_openwrt-$arch.ipk" ;;
	esac
done
(cd "$out" && rm -f SHA256SUMS && sha256sum -- flightrec[_-]* >SHA256SUMS)
