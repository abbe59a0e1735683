#!/bin/sh
# First process of the world that run.sh opens: puts it together in the empty folder $1 and runs the steps there.
set -eu

memory=$1
system=$memory/system

mount -t tmpfs -o mode=755 tmpfs "$memory"
mkdir "$memory/upper" "$memory/work" "$system"
mount -t overlay overlay -o "lowerdir=/,upperdir=$memory/upper,workdir=$memory/work" "$system"

mount -t proc proc "$system/proc"
for folder in dev run tmp; do
	mount -t tmpfs -o mode=755 tmpfs "$system/$folder"
done
chmod 1777 "$system/tmp"
mkdir "$system/run/lock" "$system/dev/pts"
for device in null zero full random urandom tty; do
	touch "$system/dev/$device"
	mount --bind "/dev/$device" "$system/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=666 devpts "$system/dev/pts"
ln -s pts/ptmx "$system/dev/ptmx"
ln -s /proc/self/fd "$system/dev/fd"
ip link set lo up

# What is built is a copy: sources as they lie here, committed or not.
mkdir "$system/tmp/picosocks5"
tar -cf - --exclude=./.git --exclude=./.cache --exclude=./node_modules --exclude=./dist --exclude=./build . |
	tar -xf - -C "$system/tmp/picosocks5"

# Containers forbid their packages to start services; here that is what is looked at. And invoke-rc.d starts nothing
# where nobody says that the system is up: this is what init says in runlevel 2.
rm -f "$system/usr/sbin/policy-rc.d" "$system/sbin/runlevel"
printf '#!/bin/sh\necho N 2\n' >"$system/sbin/runlevel"
chmod 755 "$system/sbin/runlevel"
exec chroot "$system" sh -c 'cd /tmp/picosocks5 && exec sh scripts/deb-test/steps.sh'
