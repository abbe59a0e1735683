#!/bin/sh
# Many bytes through the built daemon, every one compared: run.sh PROGRAM BYTES STREAMS TRANSPORT. See bulk.c.
# On a busy machine both ends pause now and then; that must not end a session (stalled-memory).
set -eu
program=$1 bytes=$2 streams=$3 transport=$4
log=$(mktemp)
daemon=
trap 'kill "$daemon" 2>/dev/null; rm -f "$log"' EXIT
bin/picosocks5 --nofork --logmode stderr -v info --stalled-memory 0 --transport "$transport" 127.0.0.1:0 2>"$log" &
daemon=$!
port=
for _ in $(seq 300); do
	port=$(sed -n 's/.* started .*listen=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$log")
	[ -z "$port" ] || break
	sleep 0.1
done
[ -n "$port" ] || { cat "$log" >&2; echo 'bulk-test: the daemon did not start' >&2; exit 1; }
"$program" "proxy=$port" "bytes=$bytes" "streams=$streams" || { tail -n 20 "$log" >&2; exit 1; }
sed 's/^[^)]*) . //' "/proc/$daemon/stat" | awk -v ticks="$(getconf CLK_TCK)" \
	'{ printf "bulk-test: the daemon took %.1f s of CPU, %.1f of them in the kernel\n", ($11 + $12) / ticks, $12 / ticks }'
