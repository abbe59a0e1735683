#!/bin/sh
# Unpacks what "make standalone" has made into a chroot that has the libraries of C and C++ and nothing else, no shell and no /proc,
# and serves there; root. What it listens on is in a network of its own. Ends with "N passed, M failed".
# shellcheck disable=SC2034,SC2317 # functions are called through check(), and machine.sh has more than is needed here
set -eu
cd "$(dirname "$0")/../.."

if [ "${1-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || { echo 'standalone-test: needs root, for a chroot' >&2; exit 1; }
	exec timeout --kill-after=5 300 unshare --net --pid --fork --kill-child sh "$0" inside
fi

set +e
. scripts/deb-test/check.sh
. scripts/deb-test/machine.sh
ip link set lo up
archive=$(echo picosocks5-*-linux-*.tar.gz)
world=$(mktemp -d)
trap 'rm -rf "$world" /tmp/www' EXIT
chmod 755 "$world"
place=/any/where
bin=$place/${archive%.tar.gz}/bin

unpack() {
	mkdir -p "$world$place" "$world/tmp"
	tar -C "$world$place" -xzf "$archive"
	[ -z "$(find "$world$place" ! -type l ! -perm -004)" ]
}

# The libraries of libc and libstdc++, which a Node.js wants, and the file that loads them.
libraries_only() {
	ldd "$world$bin/node" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$world${library%/*}"
		cp -L "$library" "$world$library"
	done
	[ -z "$(find "$world" -path "$world$place" -prune -o -type f ! -name '*.so*' -print)" ]
}

programs_run() {
	for program in picosocks5 pis5user pis5ctl; do
		chroot "$world" "$bin/$program" --version | grep "^$program"
	done
	ln -s "$bin/picosocks5" "$world/picosocks5"
	chroot "$world" /picosocks5 --version
	ln -s "$bin/picosocks5" "$world/osocks"
	not chroot "$world" /osocks --nonsense 2>/tmp/usage
	grep '^osocks: ' /tmp/usage
}

# Milliseconds until one line is printed.
start_is_quick() {
	began=$(date +%s%3N)
	chroot "$world" "$bin/picosocks5" --version
	echo "started and ended in $(($(date +%s%3N) - began)) ms"
}

serves() {
	printf 'open-sesame\n' | chroot "$world" "$bin/pis5user" add -c /tmp/users alice
	chroot "$world" "$bin/picosocks5" --nofork --logmode stderr --control /tmp/control -a /tmp/users \
		127.0.0.1:443 >/tmp/standalone.log 2>&1 &
	eventually through 443 alice
	not through 443
	chroot "$world" "$bin/pis5ctl" --control /tmp/control status
	grep 'transport=engine' /tmp/standalone.log
	kill $!
}

check 'the tarball unpacks, readable for everybody' unpack
check 'nothing but libraries is beside it' libraries_only
check 'each program runs, also by a link and as another program' programs_run
check 'a start takes no longer than that' start_is_quick
tail -n 1 /tmp/out
start_page
check 'it serves a user, with the engine, and answers pis5ctl' serves
ls -l "$archive"
sum_up
