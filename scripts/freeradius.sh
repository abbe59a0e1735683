#!/bin/sh
# The RADIUS server of test/e2e/loginradius.test.ts: Debian's packages, unpacked into .cache/freeradius. They are not installed, since
# that would start a service on this machine.
set -eu
cd "$(dirname "$0")/.."
place=$PWD/.cache/freeradius
[ ! -x "$place/usr/sbin/freeradius" ] || exit 0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# apt drops to an account of its own where that may write.
chmod 755 "$folder"
cd "$folder"
apt-get -qq download freeradius freeradius-common libfreeradius3 libtalloc2 libpcre3 libpcap0.8 libcap2
for package in *.deb; do
	dpkg-deb -x "$package" unpacked
done
mkdir -p "${place%/*}"
rm -rf "$place"
mv unpacked "$place"
