#!/bin/sh
# Everything that must hold before a change lands. Ends with one line: N passed, N failed.
# Each step that is not a test suite counts as one test, so that a failure shows in that line too.
set -u
cd "$(dirname "$0")/.." || exit 1

results=$(mktemp -d)
beside=
# shellcheck disable=SC2086 # pids, separated by spaces
trap 'kill $beside 2>/dev/null; rm -rf "$results"' EXIT
passed=0
failed=0
skipped=0

# Since the step that runs began.
seconds() {
	echo $(($(date +%s) - began))
}

step() {
	name=$1
	began=$(date +%s)
	shift
	if "$@" >"$results/step" 2>&1; then
		passed=$((passed + 1))
		printf 'ok    %s (%s s)\n' "$name" "$(seconds)"
	else
		failed=$((failed + 1))
		printf 'FAIL  %s (%s)\n' "$name" "$*"
		printf '%s\n' "$name" >>"$results/failures"
		cat "$results/step"
	fi
}

# Adds the tests of a command that prints TAP.
suite() {
	name=$1
	began=$(date +%s)
	shift
	"$@" >"$results/tap" 2>"$results/errors"
	status=$?
	counts=$(node scripts/tap.js "$results/tap" "$status")
	printf '%s\n' "$counts" | sed '$d'
	grep '^not ok' "$results/tap" | sed "s/^not ok [0-9]* -/$name:/" >>"$results/failures"
	[ "$status" -eq 0 ] || tail -n 40 "$results/errors"
	# shellcheck disable=SC2046 # three numbers
	set -- $(printf '%s\n' "$counts" | tail -n 1)
	printf '%s  %s: %s passed, %s failed, %s skipped (%s s)\n' \
		"$([ "$2" -eq 0 ] && echo 'ok  ' || echo FAIL)" "$name" "$1" "$2" "$3" "$(seconds)"
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# Adds the tests of a command that has ended and printed lines of "N passed, N failed": its name, its status and the file of what
# it printed.
count() {
	name=$1
	status=$2
	printed=$3
	sum=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' "$printed" |
		awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
	good=${sum% *}
	bad=${sum#* }
	[ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	if [ "$bad" -gt 0 ]; then
		cat "$printed"
		printf '%s\n' "$name" >>"$results/failures"
	else
		grep -B 5 ' # AGAIN$' "$printed"
	fi
	printf '%s  %s: %s passed, %s failed (%s s)\n' "$([ "$bad" -eq 0 ] && echo 'ok  ' || echo FAIL)" "$name" "$good" "$bad" "$(seconds)"
	passed=$((passed + good))
	failed=$((failed + bad))
}

# Starts a command beside the steps that no clock judges: its name and the command. Sets `started` to its pid.
start() {
	name=$1
	shift
	"$@" >"$results/$name" 2>&1 &
	started=$!
	beside="$beside $started"
}

# Waits for one of these: its pid and its name.
join() {
	wait "$1"
	count "$2, beside the steps above" "$?" "$results/$2"
}

# They mostly wait, and their limits are generous; a test that fails runs once more.
start 'native tests' make --no-print-directory -j2 --output-sync=target native-test
native=$started
# Where Debian's tools are. Nothing of it touches this system (scripts/deb-test/run.sh).
debian=
if [ "$(id -u)" -eq 0 ] && command -v dh >/dev/null 2>&1 && command -v lintian >/dev/null 2>&1; then
	start 'Debian packages' make --no-print-directory deb-test
	debian=$started
fi
started_at=$(date +%s)

step 'types' node_modules/.bin/tsc -p tsconfig.json
step 'lint' node_modules/.bin/eslint .
step 'layout' node_modules/.bin/prettier --check --log-level warn .
step 'unused exports and packages' node_modules/.bin/knip
step 'manuals, sample file, completion, docs/clients.md, docs/files.md and the chart match their tables' node --import=./scripts/typescript.js scripts/render.ts --check
# Whoever installs it, by whichever way of resolving.
package() {
	npm pack --ignore-scripts --silent --pack-destination "$results" >/dev/null &&
		node_modules/.bin/attw --no-color "$results"/picosocks5-*.tgz &&
		node_modules/.bin/publint run --strict "$results"/picosocks5-*.tgz
}
step 'the package and its types' package
command -v mandoc >/dev/null 2>&1 && step 'manuals' mandoc -T lint -W warning man/*.[0-9]
command -v shellcheck >/dev/null 2>&1 && step 'shell scripts' shellcheck -x -a configure .ci/run bin/picosocks5 bin/pis5user bin/pis5ctl \
	scripts/asan.sh scripts/check.sh scripts/freeradius.sh scripts/matrix.sh scripts/streams.sh test/clients/run.sh test/clients/inside.sh scripts/deb-test/run.sh scripts/deb-test/world.sh \
	scripts/deb-test/steps.sh scripts/deb-test/systemd.sh scripts/deb-test/typed.sh scripts/deb-test/stock.sh scripts/standalone/make.sh scripts/standalone/test.sh scripts/clone-test/run.sh debian/picosocks5.init debian/*.postinst debian/*.prerm debian/picosocks5.postrm \
	etc/openrc/picosocks5.initd etc/rc.d/picosocks5 etc/completion/picosocks5.bash
step 'the tests as JavaScript' node scripts/typescript-all.js
began=$started_at
join "$native" 'native tests'
[ -z "$debian" ] || join "$debian" 'Debian packages'
beside=
suite 'tests' node scripts/ava.js
suite 'end to end over streams' sh scripts/streams.sh
# Where the headers and the runtime library of the compiler are: the same on an addon under AddressSanitizer.
if make --no-print-directory addon-asan >"$results/asan" 2>&1; then
	suite 'end to end under AddressSanitizer' sh scripts/asan.sh
else
	printf 'note  no addon under AddressSanitizer: %s\n' "$(tail -n 1 "$results/asan")"
fi
if [ -n "${MATRIX-}" ]; then
	# shellcheck disable=SC2086 # versions, separated by spaces
	suite "on Node.js $MATRIX" sh scripts/matrix.sh $MATRIX
fi

# Once more, at the end, where it is seen first.
[ ! -s "$results/failures" ] || sed 's/^/FAIL  /' "$results/failures"
if [ "$skipped" -gt 0 ]; then
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
else
	printf '%s passed, %s failed\n' "$passed" "$failed"
fi
[ "$failed" -eq 0 ]
