# shellcheck shell=sh
# What the steps of deb-test say of the machine that they run on.

conf=/etc/picosocks5/picosocks5.conf
users=/etc/picosocks5/users
pidfile=/run/picosocks5.pid
log=/var/log/picosocks5.log

service() {
	/etc/init.d/picosocks5 "$@"
}

quiet_apt() {
	apt-get -qq -o Dpkg::Use-Pty=0 "$@"
}

# apt with packages that lie here; the configuration of the administrator stays.
install_debs() {
	quiet_apt -o Dpkg::Options::=--force-confold install -y --allow-downgrades --no-install-recommends "$@"
}

# What stands in these folders, by name, owner and mode. The rest are records of dpkg and caches.
list_system() {
	find /etc /run /usr/bin /usr/sbin /usr/lib/picosocks5 /usr/lib/systemd /usr/lib/sysusers.d /usr/lib/tmpfiles.d \
		/lib/systemd /usr/share/doc /usr/share/man /usr/share/bash-completion /usr/share/zsh /usr/share/fish \
		/var/lib/picosocks5 /var/lib/systemd /var/log -printf '%p %U:%G %m\n' 2>/dev/null |
		grep -v -e '^/run/rsyslogd.pid' -e '^/run/adduser' -e '^/var/log/apt' -e '^/var/log/dpkg' -e '^/var/log/alternatives' -e '^/etc/[a-z]*-* ' | sort
}

# through PORT [USER]: a page by way of the proxy.
through() {
	port=$1
	curl --silent --show-error --fail --max-time 10 --noproxy '' \
		--proxy "socks5h://${2+$2:open-sesame@}127.0.0.1:$port" http://127.0.0.1:8000/page | grep 'the page'
}

# eventually COMMAND...: for what another process does in its own time.
eventually() {
	for _ in $(seq 100); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	return 1
}

# result COMMAND...: prints its exit status.
result() {
	"$@" >&2 && echo 0 || echo $?
}

# not COMMAND...: "!" in front of a command would hide from "set -e" that it did not fail.
not() {
	if "$@"; then return 1; fi
}
