#!/bin/sh
# Builds the Debian packages and does with them what an operator does, under the init of System V and under systemd.
# It happens in worlds of their own: this system with an empty layer in memory on top (overlayfs), in namespaces. So
# nothing on the machine changes, its ports are free for others, the build has no network, and all of it is gone at
# the end. Root only. Prints a line "N passed, M failed" for each world. With "typed" only what README.md and its like have
# somebody type is typed.
# "run.sh stock" installs them into a Debian 12 of debootstrap instead, which is kept in the cache of the user.
set -eu
cd "$(dirname "$0")/../.."

die() {
	printf 'deb-test: %s\n' "$1" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die 'needs root, for namespaces and for installing packages in them'
missing=
for program in dpkg-buildpackage dh dh_apparmor lintian apparmor_parser rsyslogd logrotate htpasswd curl python3 ss unshare; do
	command -v "$program" >/dev/null || missing="$missing $program"
done
[ -z "$missing" ] || die "these programs are missing:$missing (the packages to install are in .ci/run)"

folder=$(mktemp -d)
group=
# shellcheck disable=SC2317 # called by trap
leave() {
	[ -z "$group" ] || find "$group" -depth -type d -exec rmdir {} +
	rm -rf "$folder"
}
trap leave EXIT
mkdir "$folder/world" "$folder/shared"

# open_world GROUP: as a member of that control group. A world ends with its first process, and with it all others.
open_world() {
	# shellcheck disable=SC2016 # the inner shell expands them
	timeout --kill-after=5 900 sh -c '
		[ -z "$1" ] || echo $$ >"$1/cgroup.procs"
		exec unshare --mount --net --pid --ipc --uts --cgroup --fork --kill-child sh scripts/deb-test/world.sh "$2"
	' sh "$1" "$folder"
}

# As it comes, with what apt needs to install the package without a network.
fetch_stock() {
	STOCK=${XDG_CACHE_HOME:-$HOME/.cache}/picosocks5/debian-12-$(dpkg --print-architecture).tar
	export STOCK
	[ ! -e "$STOCK" ] || return 0
	command -v debootstrap >/dev/null || die 'debootstrap is missing'
	mkdir -p "${STOCK%/*}"
	echo "note  fetching Debian 12 into $STOCK"
	debootstrap --variant=minbase bookworm "$folder/stock" >"$folder/log" 2>&1 || { tail "$folder/log"; die 'debootstrap failed'; }
	cp /etc/resolv.conf "$folder/stock/etc/"
	chroot "$folder/stock" sh -c 'apt-get clean && apt-get -qq update && apt-get -qq install -y --download-only nodejs adduser ca-certificates'
	tar -C "$folder/stock" -cf "$STOCK.new" . && mv "$STOCK.new" "$STOCK"
	rm -rf "$folder/stock"
}

if [ "${1-}" = stock ]; then
	fetch_stock
	INIT=stock open_world ''
	exit
fi

status=0
only=${1-}
if [ -z "$only" ]; then
	INIT=sysvinit open_world '' || status=1
	[ -e "$folder/shared/new.deb" ] || exit "$status"
fi

# systemd wants a control group of the second kind, to divide it.
groups=$(findmnt --types cgroup2 --noheadings --output TARGET | head -n 1)
group=$groups/picosocks5-deb-test-$$
if [ -z "$groups" ] || ! mkdir "$group" 2>/dev/null; then
	group=
	echo 'note  nothing was tried under systemd: there is no control group to start it in'
	exit "$status"
fi
# boot: a world under systemd. Its results come by a file, because the console is the one of systemd.
boot() {
	rm -f "$folder/shared/results"
	INIT=systemd open_world "$group" >"$folder/console" 2>&1 || true
	cat "$folder/shared/results" || cat "$folder/console"
	grep -q '^[0-9]* passed, 0 failed$' "$folder/shared/results" || status=1
}

export STEPS MODULES DOCUMENTS DEBS
STEPS=scripts/deb-test/systemd.sh MODULES='' DOCUMENTS='' DEBS=''
[ -n "$only" ] || boot
STEPS=scripts/deb-test/typed.sh MODULES=yes DOCUMENTS='README.md docs/service.md docs/access.md'
[ -d node_modules ] || die 'there is no node_modules to type README.md with: run make deps'
boot
DOCUMENTS=docs/debian.md DEBS='/shared/picosocks5_[0-9]*.deb'
[ -n "$only" ] || boot
exit "$status"
