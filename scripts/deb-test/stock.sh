#!/bin/sh
# The steps of deb-test on a Debian 12 as debootstrap leaves it, with Debian's own Node.js: what apt-get finds is all that is there.
# The proxy runs in it; clients, a web server and htpasswd are those of the system around it.
# shellcheck disable=SC2317 # functions are called through check()
set -u

export DPKG_DEB_COMPRESSOR_TYPE=gzip DPKG_DEB_COMPRESSOR_LEVEL=1

. scripts/deb-test/check.sh
. scripts/deb-test/machine.sh
. scripts/deb-test/packages.sh

stock=/stock
conf=$stock$conf
users=$stock$users

in_stock() {
	chroot "$stock" "$@"
}

# Nothing but its name is given; a conffile that was changed stays, as without a terminal.
apt_installs() {
	cp "$1" "$stock/tmp/"
	in_stock apt-get -o Dpkg::Options::=--force-confold install -y "/tmp/${1##*/}" </dev/null
}

has_no_node() {
	not in_stock sh -c 'command -v node'
	in_stock apt-cache policy nodejs | grep 'Candidate: 18\.'
}

installs() {
	apt_installs /shared/old.deb
	in_stock node --version | grep '^v18\.'
	in_stock dpkg -s picosocks5 | grep '^Status: install ok installed'
}

serves() {
	in_stock service picosocks5 status
	pid=$(cat "$stock/run/picosocks5.pid")
	grep 'Uid:.*' "/proc/$pid/status" | grep -vw 0
	eventually through 1080
}

logs_in() {
	htpasswd -bB "$users" alice open-sesame
	listen_at 127.0.0.1:443
	in_stock picosocks5 --check -c /etc/picosocks5/picosocks5.conf
	in_stock service picosocks5 restart
	through 443 alice
	not through 443
	in_stock pis5ctl status | grep engine
}

upgrades() {
	before=$(cat "$stock/run/picosocks5.pid")
	cp "$users" /tmp/users
	apt_installs "$(echo /shared/picosocks5_*.deb)"
	[ "$(cat "$stock/run/picosocks5.pid")" != "$before" ]
	cmp "$users" /tmp/users
	in_stock dpkg -s picosocks5 | grep '^Version: ' | grep -v '0\.0\.1$'
	through 443 alice
	in_stock service picosocks5 status
}

purges() {
	pid=$(cat "$stock/run/picosocks5.pid")
	in_stock apt-get purge -y picosocks5
	eventually test ! -e "/proc/$pid"
	[ ! -e "$stock/etc/picosocks5" ]
	[ -z "$(find "$stock/etc" "$stock/run" "$stock/usr" "$stock/var/lib/picosocks5" -name '*picosocks5*' \
		! -path '*/var/lib/dpkg/*' 2>/dev/null)" ]
}

start_page
check 'stock: the packages are built' builds
check 'stock: an older one for the upgrade' repack old 0.0.1
check 'stock: Debian 12 has no Node.js, and offers its own' has_no_node
check 'stock: apt-get install installs the package, and Node.js 18 with it' installs
check 'stock: it serves' serves
check 'stock: a user of htpasswd gets in, at a privileged port' logs_in
check 'stock: an upgrade keeps users and configuration, and serves' upgrades
check 'stock: a purge leaves nothing' purges

sum_up
