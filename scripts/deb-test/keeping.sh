# shellcheck shell=sh
# Steps of deb-test: upgrade, reinstallation, removal: what the administrator changed stays.

upgrade_keeps() {
	before=$(cat "$pidfile")
	cp "$users" /tmp/users
	rm -f /etc/picosocks5/presets/web-only.conf
	install_debs "$1"
	cmp "$users" /tmp/users
	grep '^listen = 127.0.0.1:443' "$conf"
	[ -e "$conf.dpkg-dist" ]
	# Deleted by the administrator, and so it stays away.
	[ ! -e /etc/picosocks5/presets/web-only.conf ]
	[ "$(cat "$pidfile")" != "$before" ]
	through 443 alice
}

# Nobody had changed this one.
has_new_preset() {
	[ "$(grep -c "As it was in $1" /etc/picosocks5/presets/no-smtp.conf)" = "$2" ]
}

reinstallation_keeps() {
	quiet_apt install -y --reinstall "$1"
	cmp "$users" /tmp/users
	grep '^listen = 127.0.0.1:443' "$conf"
	through 443 alice
}

takes_new_conffiles() {
	quiet_apt -o Dpkg::Options::=--force-confnew install -y --allow-downgrades "$1"
	not grep '^listen = 127.0.0.1:443' "$conf"
	grep '^listen = 127.0.0.1:443' "$conf.dpkg-old"
	mv "$conf.dpkg-old" "$conf"
	service restart
	through 443 alice
}

installed_deb() {
	echo /shared/picosocks5_*.deb
}

# A session is open all the time. Its target sends one line before and one after the restart, and ends when nobody
# holds descriptor 9 any more.
restart_is_unseen() {
	before=$(cat "$pidfile")
	mkfifo /tmp/target
	nc -l -N 127.0.0.1 8001 </tmp/target >/dev/null &
	exec 9>/tmp/target
	curl --silent --http0.9 --no-buffer --noproxy '' --proxy socks5h://alice:open-sesame@127.0.0.1:443 \
		--output /tmp/lines http://127.0.0.1:8001/ 9>&- &
	session=$!
	echo before >&9
	eventually grep before /tmp/lines
	unseen 443 service restart 9>&-
	[ "$(cat "$pidfile")" != "$before" ]
	echo after >&9
	exec 9>&-
	wait "$session"
	grep after /tmp/lines
	runs_as_nobody_else
}

removal_keeps() {
	pid=$(cat "$pidfile")
	quiet_apt remove -y picosocks5
	[ ! -e "/proc/$pid" ]
	[ ! -e /usr/bin/picosocks5 ]
	cmp "$users" /tmp/users
	grep '^listen = 127.0.0.1:443' "$conf"
	[ -e "$log" ]
	# The script stays, as a conffile, and does nothing.
	sh /etc/init.d/picosocks5 start
}

return_serves() {
	install_debs "$(installed_deb)"
	through 443 alice
	service status
}

check 'an upgrade keeps what was changed, and restarts' upgrade_keeps "$(installed_deb)"
check 'what nobody changed is new after it' has_new_preset 0.0.1 0
check 'it runs as picosocks5 after an upgrade' runs_as_nobody_else
check 'the next upgrade does, too' upgrade_keeps /shared/new.deb
check 'what nobody changed is new again' has_new_preset 9.9.9 1
check 'a reinstallation keeps what was changed' reinstallation_keeps /shared/new.deb
check 'the way back, with the conffiles of the package' takes_new_conffiles "$(installed_deb)"
check 'no client sees a restart' restart_is_unseen
check 'a removal stops the service and keeps what was changed' removal_keeps
check 'installed again, it serves as before' return_serves
