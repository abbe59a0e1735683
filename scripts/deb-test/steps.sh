#!/bin/sh
# The steps of run.sh, in order: each uses what the ones before it left.
# shellcheck disable=SC2317 # functions are called through check()
set -u

export LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Small packages are not what is looked at; time is.
export DPKG_DEB_COMPRESSOR_TYPE=gzip DPKG_DEB_COMPRESSOR_LEVEL=1

out=/tmp/out
passed=0
failed=0

# check NAME COMMAND...: one test. The command fails with its first line that fails.
check() {
	name=$1
	shift
	# Not as a condition: there "set -e" would mean nothing.
	(set -e; "$@") >"$out" 2>&1
	status=$?
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
		printf 'ok    %s\n' "$name"
	else
		failed=$((failed + 1))
		printf 'FAIL  %s\n' "$name"
		tail -n 40 "$out"
	fi
}

. scripts/deb-test/machine.sh
. scripts/deb-test/building.sh
. scripts/deb-test/serving.sh
. scripts/deb-test/keeping.sh
. scripts/deb-test/leaving.sh

printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
