#!/bin/sh
# End-to-end tests on a daemon whose addon runs under AddressSanitizer; "make addon-asan" builds that addon. What C code the native
# tests do not reach: the addon itself, and what a daemon asks of the system. "scripts/asan.sh all": every end-to-end test.
set -u
cd "$(dirname "$0")/.." || exit 1

PICOSOCKS5_TEST_ASAN=$("${CC:-cc}" -print-file-name=libasan.so)
PICOSOCKS5_TEST_TRANSPORT=engine
export PICOSOCKS5_TEST_ASAN PICOSOCKS5_TEST_TRANSPORT

if [ "${1-}" = all ]; then
	# Not those that measure latencies, which mean nothing here; nor noproc: the sanitizer reads its own options in /proc.
	set -- 'test/e2e/*.test.ts' '!test/e2e/{attack-*,flood,pressure,sessionheap}.test.ts' \
		'!test/e2e/{convert,explain,folder,install,noproc,oldnode,output,rest}.test.ts'
else
	# One file for each kind of call into C.
	set -- 'test/e2e/{activation,associate,bind,inetd,passwords,relay,reset,takeover,unix}.test.ts'
fi
exec node scripts/ava.js "$@"
