#!/bin/sh
# Builds the Debian packages and does with them what an operator does. It happens in a world of its own: this system
# with an empty layer in memory on top (overlayfs), in namespaces for mounts, network and processes. So nothing on the
# machine changes, its ports are free for others, the build has no network, and all of it is gone at the end. Root
# only. The last line is "N passed, M failed".
set -eu
cd "$(dirname "$0")/../.."

die() {
	printf 'deb-test: %s\n' "$1" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die 'needs root, for namespaces and for installing packages in them'
missing=
for program in dpkg-buildpackage dh dh_apparmor lintian apparmor_parser rsyslogd logrotate htpasswd curl python3 ss unshare; do
	command -v "$program" >/dev/null || missing="$missing $program"
done
[ -z "$missing" ] || die "these programs are missing:$missing (the packages to install are in .ci/run)"

world=$(mktemp -d)
trap 'rmdir "$world"' EXIT
unshare --mount --net --pid --fork --kill-child sh scripts/deb-test/world.sh "$world"
