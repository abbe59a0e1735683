# shellcheck shell=sh
# What the steps of deb-test are made of.

export LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

passed=0
failed=0

# check NAME COMMAND...: one test. The command fails with its first line that fails.
check() {
	name=$1
	shift
	# Not as a condition: there "set -e" would mean nothing.
	(set -e; "$@") >/tmp/out 2>&1
	status=$?
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
		printf 'ok    %s\n' "$name"
	else
		failed=$((failed + 1))
		printf 'FAIL  %s\n' "$name"
		tail -n 40 /tmp/out
	fi
}

# The last line, and the exit status.
sum_up() {
	printf '%s passed, %s failed\n' "$passed" "$failed"
	[ "$failed" -eq 0 ]
}

# not COMMAND...: "!" in front of a command would hide from "set -e" that it did not fail.
not() {
	if "$@"; then return 1; fi
}

# eventually COMMAND...: for what another process does in its own time.
eventually() {
	for _ in $(seq 100); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	return 1
}

# result COMMAND...: prints its exit status.
result() {
	"$@" >&2 && echo 0 || echo $?
}
