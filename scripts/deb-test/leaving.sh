# shellcheck shell=sh
# Steps of deb-test: the names of other programs, a start that fails, and what a purge leaves.

drop_in_serves() {
	install_debs /shared/picosocks5-drop-in_*_all.deb
	for program in osocks simplesocks5 srelay; do
		[ "$(readlink -f "/usr/bin/$program")" = /usr/lib/picosocks5/bin/picosocks5 ]
	done
	simplesocks5 127.0.0.1:1085 &
	eventually through 1085
	kill $!
}

# Another package brings a command of that name: its file counts while it is there.
steps_aside() {
	mkdir -p /tmp/other/DEBIAN /tmp/other/usr/bin
	printf 'Package: other-osocks\nVersion: 1\nArchitecture: all\nMaintainer: test <test@example.org>\nDescription: test\n' \
		>/tmp/other/DEBIAN/control
	printf '#!/bin/sh\necho the other\n' >/tmp/other/usr/bin/osocks
	chmod 755 /tmp/other/usr/bin/osocks
	dpkg-deb --root-owner-group -b /tmp/other /tmp/other.deb
	dpkg -i /tmp/other.deb
	[ "$(osocks)" = 'the other' ]
	dpkg -r other-osocks
	[ "$(readlink -f /usr/bin/osocks)" = /usr/lib/picosocks5/bin/picosocks5 ]
}

drop_in_leaves() {
	quiet_apt remove -y picosocks5-drop-in
	for program in osocks simplesocks5 srelay; do
		[ ! -e "/usr/bin/$program" ]
		[ ! -e "/etc/alternatives/$program" ]
	done
}

purge_leaves_nothing() {
	quiet_apt purge -y picosocks5
	list_system >/tmp/after
	not grep -vxFf /tmp/before /tmp/after
	# On purpose: docs/debian.md says why, and how it goes.
	getent passwd picosocks5
	not dpkg -s picosocks5 picosocks5-drop-in
}

# Somebody else has the port: the package is installed all the same, and says what to do.
survives_taken_port() {
	install_debs "$(installed_deb)" >/tmp/install.log 2>&1
	cat /tmp/install.log
	grep 'picosocks5 is installed, but' /tmp/install.log
	[ "$(result service start)" != 0 ]
	[ "$(result service status)" = 3 ]
	kill "$1"
	eventually service start
	through 1080
	quiet_apt purge -y picosocks5
	[ ! -e /etc/picosocks5 ]
}

check 'picosocks5-drop-in links the names of other programs' drop_in_serves
check 'a package with such a command comes first' steps_aside
check 'removed, it takes its links along' drop_in_leaves
check 'a purge leaves nothing but the account' purge_leaves_nothing
python3 -m http.server --bind 127.0.0.1 --directory /tmp/www 1080 >/dev/null 2>&1 &
taken=$!
check 'something listens at port 1080' eventually curl --silent --fail http://127.0.0.1:1080/page
check 'an installation survives that' survives_taken_port "$taken"
