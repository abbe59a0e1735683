#!/bin/sh
# The end-to-end tests on a daemon whose addon runs under AddressSanitizer; "make addon-asan" builds that addon.
set -u
cd "$(dirname "$0")/.." || exit 1

PICOSOCKS5_TEST_ASAN=$("${CC:-cc}" -print-file-name=libasan.so)
PICOSOCKS5_TEST_TRANSPORT=engine
export PICOSOCKS5_TEST_ASAN PICOSOCKS5_TEST_TRANSPORT

# Not those that measure latencies, which mean nothing here; nor noproc: the sanitizer reads its own options in /proc.
exec node scripts/ava.js 'test/e2e/*.test.ts' '!test/e2e/{attack-*,flood,pressure,sessionheap}.test.ts' \
	'!test/e2e/{convert,explain,folder,install,noproc,oldnode,output,rest}.test.ts'
