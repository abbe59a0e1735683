#!/bin/sh
# First process of a world that run.sh opens: puts it together in $1/world and becomes the init that INIT names.
# $1/shared is the same folder in all worlds. Under systemd the script STEPS runs, with DOCUMENTS, DEBS and MODULES.
set -eu

system=$1/world/system

mount -t tmpfs -o mode=755 tmpfs "$1/world"
mkdir "$1/world/upper" "$1/world/work" "$system"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/world/upper,workdir=$1/world/work" "$system"
mkdir "$system/shared"
mount --bind "$1/shared" "$system/shared"

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
mkdir "$system/source"
tar -cf - --exclude=./.git --exclude=./.cache --exclude=./node_modules --exclude=./dist --exclude=./build . |
	tar -xf - -C "$system/source"

[ -z "${MODULES-}" ] || cp -a node_modules "$system/source/node_modules"

# Containers forbid their packages to start services; here that is what is looked at.
rm -f "$system/usr/sbin/policy-rc.d"

as_sysvinit() {
	# invoke-rc.d starts nothing where nobody says that the system is up. This is what init says in runlevel 2.
	rm -f "$system/sbin/runlevel"
	printf '#!/bin/sh\necho N 2\n' >"$system/sbin/runlevel"
	chmod 755 "$system/sbin/runlevel"
	exec chroot "$system" sh -c 'cd /source && exec sh scripts/deb-test/steps.sh'
}

# A Debian 12 below this system: another system of files, with the same network and processes.
as_stock() {
	mkdir "$system/stock"
	tar -C "$system/stock" -xf "$STOCK"
	mount -t proc proc "$system/stock/proc"
	mount --rbind "$system/dev" "$system/stock/dev"
	# It has no init, so nobody says that services may start.
	printf '#!/bin/sh\necho N 2\n' >"$system/stock/sbin/runlevel"
	printf '#!/bin/sh\nexit 0\n' >"$system/stock/usr/sbin/policy-rc.d"
	chmod 755 "$system/stock/sbin/runlevel" "$system/stock/usr/sbin/policy-rc.d"
	exec chroot "$system" sh -c 'cd /source && exec sh scripts/deb-test/stock.sh'
}

# Boots into the steps, and nothing else that this machine starts.
as_systemd() {
	mount -t sysfs sysfs "$system/sys"
	mount -t cgroup2 none "$system/sys/fs/cgroup"
	units=$system/etc/systemd/system
	rm -f "$units"/*.wants/* "$system"/etc/rc[2-5].d/S*
	ln -sf /dev/null "$units/tmp.mount"
	cat >"$units/deb-test.service" <<-END
		[Service]
		Type=oneshot
		WorkingDirectory=/source
		Environment="DOCUMENTS=${DOCUMENTS-}" "DEBS=${DEBS-}"
		ExecStart=/bin/sh ${STEPS:-scripts/deb-test/systemd.sh}
		ExecStopPost=/bin/systemctl exit
		StandardOutput=file:/shared/results
		StandardError=inherit
		[Install]
		WantedBy=multi-user.target
	END
	ln -sf /lib/systemd/system/multi-user.target "$units/default.target"
	mkdir -p "$units/multi-user.target.wants"
	ln -s /etc/systemd/system/deb-test.service "$units/multi-user.target.wants/deb-test.service"
	exec chroot "$system" env container=lxc /lib/systemd/systemd --system --show-status=0
}

"as_$INIT"
