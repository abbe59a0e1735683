#!/bin/sh
# Clones the last commit of this tree as users do, and takes each clone by the steps of README.md to a page that it serves: below
# folders that only their owner may enter, under umask 077, without a compiler, and on the oldest Node.js that is supported. Root.
# What npm has to fetch is fetched first; all else happens without a network. Ends with "N passed, M failed".
# shellcheck disable=SC2034,SC2317 # functions are called through check(), and machine.sh has more than is needed here
set -eu
cd "$(dirname "$0")/../.."

die() {
	printf 'clone-test: %s\n' "$1" >&2
	exit 1
}

# fetch_all WORLD: the commit, as one file, because git clones no repository of another account; the packages of npm; Node.js 18.
fetch_all() {
	git bundle create -q "$1/picosocks5.bundle" HEAD
	git -c advice.detachedHead=false clone -q "$1/picosocks5.bundle" "$1/fetched"
	(cd "$1/fetched" && npm --cache "$1/npm" --no-audit --no-fund --ignore-scripts ci) >"$1/log" 2>&1 ||
		{ tail "$1/log"; die 'npm ci failed'; }
	rm -rf "$1/fetched"
	arch=$(node -p process.arch)
	npm --prefix "$1/node-18" --no-audit --no-fund install "node-linux-$arch@18" >"$1/log" 2>&1 ||
		{ tail "$1/log"; die "npm has no node-linux-$arch@18"; }
}

if [ "${1-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || die 'needs root, for namespaces and for other accounts'
	world=$(mktemp -d /var/tmp/clone-test.XXXXXX)
	trap 'rm -rf "$world"' EXIT
	chmod 755 "$world"
	mkdir -m 1777 "$world/tmp"
	echo "note  cloning $(git log -1 --format='%h (%s)'); what is not committed is not tried"
	fetch_all "$world"
	timeout --kill-after=5 1500 unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0" inside "$world"
	exit
fi

set +e
world=$2
path=$PATH
. scripts/deb-test/check.sh
. scripts/deb-test/machine.sh
PATH=$path
export npm_config_cache="$world/npm" npm_config_offline=true
# What "make clone-test" hands on is not for the clones.
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES NODE_OPTIONS
ip link set lo up
mount --bind "$world/tmp" /tmp
umask 022
bundle=$world/picosocks5.bundle

# serves COMMAND...: what it starts lets the page through port 1080, and ends when it is told to. What it says is in /tmp/daemon.
serves() {
	"$@" >/tmp/daemon 2>&1 &
	started=$!
	eventually through 1080 || { cat /tmp/daemon; return 1; }
	stop
}

# serves_users USERS COMMAND...: the same after a login, which a thread checks, and after a reload, as nobody.
serves_users() {
	file=$1
	shift
	rm -f "$file"
	printf 'open-sesame\n' | bin/pis5user add -c "$file" alice
	chgrp nogroup "$file"
	"$@" >/tmp/daemon 2>&1 &
	started=$!
	eventually through 1080 alice || { cat /tmp/daemon; return 1; }
	not through 1080
	daemon=$(ss -Hltnp 'sport = 1080' | sed -n 's/.*pid=\([0-9]*\),.*/\1/p')
	status_of "$daemon" Uid | grep "^$(id -u nobody)\>"
	printf 'open-sesame\n' | bin/pis5user add "$file" bob
	kill -HUP "$daemon"
	eventually through 1080 bob || { cat /tmp/daemon; return 1; }
	stop
}

stop() {
	kill "$started"
	wait "$started" || true
	cat /tmp/daemon
	not grep -e EACCES -e 'ermission denied' /tmp/daemon
}

below_closed_folder() {
	mkdir -m 700 "$world/closed"
	git -c advice.detachedHead=false clone -q "$bundle" "$world/closed/picosocks5"
	cd "$world/closed/picosocks5"
	make
	serves_users "$world/users" make run RUN_ARGS="-u nobody -a $world/users"
}

# As somebody who owns nothing but that folder.
in_own_home() {
	home=$world/home
	mkdir -m 700 "$home"
	cp -R "$world/npm" "$home/npm"
	cp "$bundle" "$home/bundle"
	chown -R nobody:nogroup "$home"
	cd "$home"
	set -- setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$home" npm_config_cache="$home/npm"
	"$@" git -c advice.detachedHead=false clone -q bundle picosocks5
	cd picosocks5
	"$@" make
	serves_users "$home/users" "$@" make run RUN_ARGS="-a $home/users"
}

everybody_reads() {
	unreadable=$(find "$1" ! -type l \( ! -perm -004 -o -type d ! -perm -001 -o -perm /022 \))
	printf '%s\n' "$unreadable"
	[ -z "$unreadable" ]
}

under_umask_077() {
	umask 077
	git -c advice.detachedHead=false clone -q "$bundle" "$world/umask"
	cd "$world/umask"
	make
	serves_users "$world/users" make run RUN_ARGS="-u nobody -a $world/users"
}

installed_under_umask_077() {
	umask 077
	cd "$world/umask"
	make install DESTDIR="$world/stage"
	everybody_reads "$world/stage"
	serves_users "$world/users" setpriv --reuid nobody --regid nogroup --clear-groups \
		"$world/stage/usr/local/bin/picosocks5" --nofork --logmode stderr -c "$world/stage/etc/picosocks5/picosocks5.conf" \
		-a "$world/users" 127.0.0.1:1080
}

# PATH, but for what compiles: links to all the rest.
without_compiler() {
	mkdir "$world/tools"
	(IFS=: && for folder in $PATH; do find -L "$folder" -maxdepth 1 -type f -perm -001; done) |
		grep -v -E '/([a-z0-9_]+-)*(cc|c\+\+|cpp|gcc|g\+\+|clang|clang\+\+|c[89]9|tcc)(-[a-z0-9.]+)*$' |
		while read -r program; do [ -e "$world/tools/${program##*/}" ] || ln -s "$program" "$world/tools/"; done
	# shellcheck disable=SC2123 # it is that one
	PATH=$world/tools
	for compiler in cc c++ gcc g++ clang; do not command -v "$compiler"; done
	git -c advice.detachedHead=false clone -q "$bundle" "$world/bare"
	cd "$world/bare"
	make >/tmp/made 2>&1 || { cat /tmp/made; return 1; }
	grep 'native engine was not built: ' /tmp/made
	grep 'will use the streams of Node.js' /tmp/made
	serves make run
	grep 'transport=streams' /tmp/daemon
	make install DESTDIR="$world/bare-stage" >/tmp/made 2>&1
	grep 'installed without the native engine, which needs ' /tmp/made
	serves "$world/bare-stage/usr/local/bin/picosocks5" --nofork --logmode stderr 127.0.0.1:1080
}

on_node_18() {
	PATH=$world/node-18/node_modules/node-linux-$(node -p process.arch)/bin:$PATH
	node --version | grep '^v18\.'
	git -c advice.detachedHead=false clone -q "$bundle" "$world/oldest"
	cd "$world/oldest"
	make >/tmp/made 2>&1 || { cat /tmp/made; return 1; }
	not grep -i warn /tmp/made
	serves_users "$world/users" make run RUN_ARGS="-u nobody -a $world/users"
	make install DESTDIR="$world/oldest-stage"
	serves "$world/oldest-stage/usr/local/bin/picosocks5" --nofork --logmode stderr 127.0.0.1:1080
}

start_page
check "below root's folder of mode 0700: from the clone to a page, as nobody" below_closed_folder
check 'in a home of mode 0700: the same, by its owner alone' in_own_home
check 'under umask 077: from the clone to a page, as nobody' under_umask_077
check 'under umask 077: make install leaves what the account of the service reads' installed_under_umask_077
check 'without a compiler: it says so, and serves over streams' without_compiler
check 'on Node.js 18: make, make run and make install' on_node_18
sum_up
