# shellcheck shell=sh
# Steps of deb-test: a fresh installation serves, with users, logs and reloads.

pidfile=/run/picosocks5.pid
log=/var/log/picosocks5.log

service() {
	/etc/init.d/picosocks5 "$@"
}

runs_as_nobody_else() {
	runs_as_account "$(cat "$pidfile")" 0000000000000000
}

serves_at() {
	listens_on "$(cat "$pidfile")" "$1"
}

account_is_closed() {
	getent passwd picosocks5
	getent passwd picosocks5 | grep ':/var/lib/picosocks5:/usr/sbin/nologin$'
	[ "$(id -u picosocks5)" -lt 1000 ]
	getent shadow picosocks5 | grep '^picosocks5:[!*]'
}

files_are_private() {
	[ "$(stat -c '%U:%G %a' "$users")" = 'root:picosocks5 640' ]
	[ "$(stat -c '%U:%G %a' /var/lib/picosocks5)" = 'picosocks5:picosocks5 750' ]
	[ "$(stat -c '%U:%G %a' "$pidfile")" = 'root:root 644' ]
}

is_enabled() {
	ls /etc/rc2.d/S*picosocks5 /etc/rc0.d/K*picosocks5
	readlink -f /etc/systemd/system/multi-user.target.wants/picosocks5.service |
		grep -x '\(/usr\)\?/lib/systemd/system/picosocks5.service'
}

completes() {
	for program in picosocks5 pis5ctl pis5user; do
		bash -c ". /usr/share/bash-completion/completions/$program && complete -p $program"
	done
}

start_twice() {
	before=$(cat "$pidfile")
	service start
	[ "$(cat "$pidfile")" = "$before" ]
	service status
}

add_users() {
	htpasswd -bB "$users" alice open-sesame
	printf 'open-sesame\n' | pis5user add "$users" bob
	files_are_private
}

moves_to_443() {
	listen_at 127.0.0.1:443
	service restart
	serves_at 127.0.0.1:443
}

users_get_in() {
	through 443 alice
	through 443 bob
	not through 443
	not through 443 mallory
}

reload_lets_in() {
	before=$(cat "$pidfile")
	printf 'open-sesame\n' | pis5user add "$users" carol
	service reload
	eventually through 443 carol
	[ "$(cat "$pidfile")" = "$before" ]
}

# goes_on PID ACTION...: each action of the script is refused as "not configured", and that daemon serves.
goes_on() {
	before=$1
	shift
	for action in "$@"; do
		[ "$(result service "$action")" = 6 ]
	done
	[ "$(cat "$pidfile")" = "$before" ]
	through 443 alice
}

mistakes_change_nothing() {
	before=$(cat "$pidfile")
	with_line 'lisen = 127.0.0.1:444' goes_on "$before" reload force-reload restart
	for line in 'user = picosoks5' 'listen = 127.0.0.1:8000' 'control = /nonexistent/control' \
		'auth = htpasswd:/etc/picosocks5/nobody'; do
		with_line "$line" goes_on "$before" restart
	done
}

unreadable_users_change_nothing() {
	before=$(cat "$pidfile")
	chmod 600 "$users"
	goes_on "$before" reload
	chmod 640 "$users"
	service reload
	eventually through 443 alice
}

# Without a control socket nothing can be handed over: the one ends before the other starts, and before that all is tried.
restart_without_control() {
	sed -i 's/^control = /#&/' "$conf"
	before=$(cat "$pidfile")
	with_line 'user = picosoks5' goes_on "$before" restart
	with_line 'listen = 127.0.0.1:8000' goes_on "$before" restart
	service restart
	[ "$(cat "$pidfile")" != "$before" ]
	through 443 alice
	printf 'open-sesame\n' | pis5user add "$users" dave
	service reload
	eventually through 443 dave
	sed -i 's/^#control = /control = /' "$conf"
	service restart
	pis5ctl status
}

# Debian's own rsyslog.conf would also read the log of the kernel, of which there is one for all worlds.
start_rsyslog() {
	cat >/tmp/rsyslog.conf <<-'END'
		module(load="imuxsock")
		$IncludeConfig /etc/rsyslog.d/*.conf
		*.* /tmp/syslog
	END
	rsyslogd -f /tmp/rsyslog.conf -i /run/rsyslogd.pid
	eventually test -S /dev/log
}

logs_sessions() {
	eventually grep "picosocks5\[$(cat "$pidfile")\]: started listen=127.0.0.1:443 .*running as picosocks5" "$log"
	eventually grep 'ended .*user=alice cmd=connect dest=127.0.0.1:8000' "$log"
	eventually grep 'login-failed client=127.0.0.1:[0-9]* why=LOGIN_FAILED .*user=mallory' "$log"
	not grep open-sesame "$log"
	not grep picosocks5 /tmp/syslog
	[ "$(stat -c '%U:%G %a' "$log")" = 'root:adm 640' ]
}

# rsyslog's own helper asks systemd to send this signal; here there is none.
log_rotates() {
	logrotate --force /etc/logrotate.d/picosocks5
	kill -HUP "$(cat /run/rsyslogd.pid)"
	through 443 bob
	eventually grep 'ended .*user=bob' "$log"
	grep 'user=alice' "$log.1"
	not grep 'user=alice' "$log"
}

stop_and_start() {
	service stop
	[ ! -e "$pidfile" ]
	[ "$(result service status)" = 3 ]
	[ "$(result service reload)" = 7 ]
	service stop
	service try-restart
	[ ! -e "$pidfile" ]
	echo 4194304 >"$pidfile"
	[ "$(result service status)" = 1 ]
	service start
	[ "$(result service nonsense)" = 2 ]
	through 443 alice
}

list_system >/tmp/before
start_page

check 'apt installs the package, and the service starts' install_debs /shared/old.deb
check 'it runs as picosocks5, with no other group and no capability' runs_as_nobody_else
check 'the account cannot log in' account_is_closed
check 'files belong to whom they should' files_are_private
check 'it listens on loopback only' serves_at 127.0.0.1:1080
check 'it serves this host without a login' through 1080
check 'it starts at boot, by runlevels and by systemd' is_enabled
check 'bash completes the programs' completes
check 'starting it again changes nothing' start_twice
check 'htpasswd and pis5user add users' add_users
check 'it moves to a privileged port' moves_to_443
check 'it still runs as picosocks5' runs_as_nobody_else
check 'users get in, others do not' users_get_in
check 'a reload lets a new user in' reload_lets_in
check 'a mistake in the configuration stops no daemon' mistakes_change_nothing
check 'a reload that takes nothing says so' unreadable_users_change_nothing
check 'neither does a mistake where nothing can be handed over' restart_without_control
check 'rsyslog starts with the snippet' start_rsyslog
check 'a restart for the log' service restart
check 'users get in, and others do not, for the log' users_get_in
check 'sessions are logged to a file of their own' logs_sessions
check 'logrotate turns the file' log_rotates
check 'the init script tells its results as the LSB says' stop_and_start
check 'pis5ctl reaches the daemon' pis5ctl status
