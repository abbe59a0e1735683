#!/bin/sh
# The steps of deb-test under systemd: what it does with the units that the packages bring.
# shellcheck disable=SC2317 # functions are called through check()
set -u

. scripts/deb-test/check.sh
. scripts/deb-test/machine.sh

# The one capability that it keeps opens ports below 1024 at a reload.
only_bind=0000000000000400

main_pid() {
	systemctl show --property MainPID --value picosocks5
}

runs_as_nobody_else() {
	runs_as_account "$(main_pid)" "$only_bind"
}

is_running() {
	systemctl is-active picosocks5
	systemctl is-enabled picosocks5
	[ "$(result systemctl is-enabled picosocks5.socket)" != 0 ]
	listens_on "$(main_pid)" 127.0.0.1:1080
}

moves_to_443() {
	printf 'open-sesame\n' | pis5user add "$users" alice
	listen_at 127.0.0.1:443
	systemctl restart picosocks5
	through 443 alice
	not through 443
}

reload_lets_in() {
	before=$(main_pid)
	printf 'open-sesame\n' | pis5user add "$users" bob
	systemctl reload picosocks5
	eventually through 443 bob
	[ "$(main_pid)" = "$before" ]
}

# Each mistake is found by what docs/debian.md has typed before a restart, and by a reload.
is_refused() {
	[ "$(result picosocks5 --check -c "$conf")" != 0 ]
	[ "$(result systemctl reload picosocks5)" != 0 ]
	systemctl is-active picosocks5
	[ "$(main_pid)" = "$1" ]
	through 443 alice
}

mistakes_change_nothing() {
	before=$(main_pid)
	picosocks5 --check -c "$conf"
	for line in 'lisen = 127.0.0.1:444' 'listen = 127.0.0.1:8000' 'auth = htpasswd:/etc/picosocks5/nobody'; do
		with_line "$line" is_refused "$before"
	done
	journalctl --no-pager -u picosocks5 | grep 'pis5ctl.*lisen'
	chmod 600 "$users"
	is_refused "$before"
	chmod 640 "$users"
	with_line 'user = picosoks5' not picosocks5 --check -c "$conf"
	systemctl reload picosocks5
}

checks_while_stopped() {
	systemctl stop picosocks5
	picosocks5 --check -c "$conf"
	with_line 'listen = 127.0.0.1:8000' not picosocks5 --check -c "$conf"
	systemctl start picosocks5
}

is_not_taken_over() {
	before=$(main_pid)
	[ "$(result picosocks5 --takeover -c "$conf" 2>/tmp/refusal)" = 71 ]
	grep 'systemd runs process .* as picosocks5.service' /tmp/refusal
	systemctl is-active picosocks5
	[ "$(main_pid)" = "$before" ]
	through 443 alice
}

# The drop-in of docs/service.md, to the letter.
serves_as_root_started_it() {
	mkdir -p /etc/systemd/system/picosocks5.service.d
	sed -n '/^# systemctl edit picosocks5$/,/^```/p' docs/service.md | sed -e 1d -e '$d' \
		-e 's|/usr/local/bin|/usr/bin|' >/etc/systemd/system/picosocks5.service.d/root.conf
	grep -x 'User=root' /etc/systemd/system/picosocks5.service.d/root.conf
	systemctl daemon-reload
	systemctl restart picosocks5
	picosocks5 --check -c "$conf"
	through 443 alice
	runs_as_account "$(main_pid)" 0000000000000000
	printf 'open-sesame\n' | pis5user add "$users" carol
	systemctl reload picosocks5
	through 443 carol
	with_line 'lisen = 127.0.0.1:444' is_refused "$(main_pid)"
	rm -r /etc/systemd/system/picosocks5.service.d
	systemctl daemon-reload
	systemctl restart picosocks5
	through 443 alice
}

logs_to_journal() {
	journalctl --no-pager -t picosocks5 | grep 'ended .*user=alice'
	not grep -e warning -e 'cannot ' <<-END
		$(journalctl --no-pager -u picosocks5)
	END
}

keeps_state() {
	[ "$(stat -c '%U:%G' /var/lib/picosocks5/state.json)" = picosocks5:picosocks5 ]
}

is_sandboxed() {
	systemd-analyze verify /lib/systemd/system/picosocks5.service /lib/systemd/system/picosocks5.socket
	systemd-analyze security --threshold=20 picosocks5.service | tail -n 1
}

upgrade_serves() {
	before=$(main_pid)
	install_debs /shared/new.deb
	[ "$(main_pid)" != "$before" ]
	through 443 alice
}

# upgrade_is_put_off DEB LINE: where the configuration has that line, the old daemon serves on, and apt tells why.
upgrade_is_put_off() {
	before=$(main_pid)
	with_line "$2" install_debs "$1" 2>/tmp/told
	cat /tmp/told
	grep "$3" /tmp/told
	grep 'goes on with the old version' /tmp/told
	[ "$(dpkg-query --show --showformat='${Status}' picosocks5)" = 'install ok installed' ]
	[ "$(main_pid)" = "$before" ]
	through 443 alice
}

mistakes_outlive_upgrades() {
	upgrade_is_put_off /shared/old.deb 'lisen = 127.0.0.1:444' lisen
	upgrade_is_put_off /shared/new.deb 'listen = 127.0.0.1:8000' 127.0.0.1:8000
	before=$(main_pid)
	systemctl restart picosocks5
	[ "$(main_pid)" != "$before" ]
	through 443 alice
}

# An upgrade starts what is enabled and stopped, as packages do.
upgrade_starts() {
	systemctl stop picosocks5
	install_debs /shared/old.deb
	through 443 alice
}

sockets_outlive_upgrade() {
	mkdir -p /etc/systemd/system/picosocks5.socket.d
	printf '[Socket]\nListenStream=\nListenStream=127.0.0.1:443\n' >/etc/systemd/system/picosocks5.socket.d/port.conf
	systemctl daemon-reload
	systemctl stop picosocks5
	systemctl enable --now picosocks5.socket
	systemctl start picosocks5
	before=$(main_pid)
	unseen 443 install_debs /shared/picosocks5_*.deb
	[ "$(main_pid)" != "$before" ]
}

removal_stops() {
	pid=$(main_pid)
	quiet_apt remove -y picosocks5
	[ ! -e "/proc/$pid" ]
	[ "$(result systemctl is-active picosocks5)" != 0 ]
	[ "$(result systemctl is-active picosocks5.socket)" != 0 ]
}

purge_leaves_nothing() {
	quiet_apt purge -y picosocks5
	rm -r /etc/systemd/system/picosocks5.socket.d
	list_system >/tmp/after
	not grep -vxFf /tmp/before /tmp/after
}

list_system >/tmp/before
start_page

check 'systemd: apt installs the package' install_debs /shared/old.deb
check 'systemd: the service runs, is enabled and listens on loopback only' is_running
check 'systemd: it runs as picosocks5, with one capability' runs_as_nobody_else
check 'systemd: it serves this host without a login' through 1080
check 'systemd: it moves to a privileged port' moves_to_443
check 'systemd: a reload lets a new user in' reload_lets_in
check 'systemd: the journal has the sessions, and no complaints' logs_to_journal
check 'systemd: mistakes are found before a restart, and by a reload' mistakes_change_nothing
check 'systemd: they are while it is stopped, too' checks_while_stopped
check 'systemd: nobody takes its place by hand' is_not_taken_over
check 'systemd: it serves and reloads as docs/service.md has root start it' serves_as_root_started_it
check 'systemd: it keeps its state over a restart' keeps_state
check 'systemd: units without faults, exposure 2.0 or lower' is_sandboxed
check 'systemd: an upgrade restarts it' upgrade_serves
check 'systemd: an upgrade beside a mistake leaves the old daemon serving, and says so' mistakes_outlive_upgrades
check 'systemd: an upgrade starts it where it is stopped' upgrade_starts
check 'systemd: with the socket unit no client sees an upgrade' sockets_outlive_upgrade
check 'systemd: a removal stops it' removal_stops
check 'systemd: a purge leaves nothing' purge_leaves_nothing

sum_up
