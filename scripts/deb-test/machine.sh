# shellcheck shell=sh
# What the steps of deb-test say of the machine that they run on.

conf=/etc/picosocks5/picosocks5.conf
# shellcheck disable=SC2034 # not each of them has users
users=/etc/picosocks5/users

quiet_apt() {
	apt-get -qq -o Dpkg::Use-Pty=0 "$@"
}

# apt with packages that lie here; the configuration of the administrator stays.
install_debs() {
	quiet_apt -o Dpkg::Options::=--force-confold install -y --allow-downgrades --no-install-recommends "$@"
}

# What stands in these folders, by name, owner and mode. The rest are records of dpkg and of systemd, and caches.
list_system() {
	find /etc /run /usr/bin /usr/sbin /usr/lib/picosocks5 /usr/lib/systemd /usr/lib/sysusers.d /usr/lib/tmpfiles.d \
		/lib/systemd /usr/share/doc /usr/share/man /usr/share/bash-completion /usr/share/zsh /usr/share/fish \
		/var/lib/picosocks5 /var/lib/systemd /var/log -printf '%p %U:%G %m\n' 2>/dev/null |
		grep -v -e '^/run/rsyslogd.pid' -e '^/run/adduser' -e '^/run/systemd/' -e '^/var/log/apt' -e '^/var/log/dpkg' \
			-e '^/var/log/alternatives' -e '^/etc/[a-z]*-* ' | sort
}

start_page() {
	mkdir /tmp/www
	echo 'the page' >/tmp/www/page
	python3 -m http.server --bind 127.0.0.1 --directory /tmp/www 8000 >/dev/null 2>&1 &
	eventually curl --silent --fail http://127.0.0.1:8000/page >/dev/null
}

# through PORT [USER]: the page by way of the proxy.
through() {
	port=$1
	curl --silent --show-error --fail --max-time 10 --noproxy '' \
		--proxy "socks5h://${2+$2:open-sesame@}127.0.0.1:$port" http://127.0.0.1:8000/page | grep 'the page'
}

# unseen PORT COMMAND...: while the command runs, clients come again and again, and each gets in.
unseen() {
	port=$1
	shift
	touch /tmp/visit
	(while [ -e /tmp/visit ]; do through "$port" alice || echo refused; done) >/tmp/visits 2>&1 &
	visits=$!
	eventually grep 'the page' /tmp/visits
	"$@"
	rm /tmp/visit
	wait "$visits"
	sort /tmp/visits | uniq -c
	not grep -v 'the page' /tmp/visits
}

listen_at() {
	sed -i -e "s/^listen = .*/listen = $1/" -e 's|^#auth = .*|auth = htpasswd:/etc/picosocks5/users|' "$conf"
}

# with_line LINE COMMAND...: with one more line in the configuration.
with_line() {
	cp -p "$conf" /tmp/conf
	echo "$1" >>"$conf"
	shift
	"$@"
	cp -p /tmp/conf "$conf"
}

# status_of PID FIELD
status_of() {
	sed -n "s/^$2:\t*//p" "/proc/$1/status"
}

# runs_as_account PID CAPABILITIES: with these permitted and effective, as the kernel writes them, and no others.
runs_as_account() {
	cat "/proc/$1/status"
	uid=$(id -u picosocks5)
	gid=$(id -g picosocks5)
	[ "$(status_of "$1" Uid)" = "$(printf '%s\t%s\t%s\t%s' "$uid" "$uid" "$uid" "$uid")" ]
	[ "$(status_of "$1" Gid)" = "$(printf '%s\t%s\t%s\t%s' "$gid" "$gid" "$gid" "$gid")" ]
	[ "$(status_of "$1" Groups)" = "$gid " ]
	for set in CapPrm CapEff; do
		[ "$(status_of "$1" "$set")" = "$2" ]
	done
}

# listens_on PID ADDRESS, and nowhere else.
listens_on() {
	ss -Hltnp
	[ "$(ss -Hltnp | grep "pid=$1," | awk '{ print $4 }')" = "$2" ]
}
