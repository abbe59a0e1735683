#!/bin/sh
# The steps of deb-test that type the documents, in a world of their own under systemd: a host on which picosocks5 never was.
# DOCUMENTS are typed in order, on a checkout with the packages of npm, and with the Debian package beside it.
# shellcheck disable=SC2317 # functions are called through check()
set -u

. scripts/deb-test/check.sh
. scripts/deb-test/machine.sh

# Nothing of this leads anywhere else: the names of the documents, and what is served there.
make_surroundings() {
	ip address add 192.0.2.1/32 dev lo
	ip address add 198.51.100.80/32 dev lo
	printf '192.0.2.1 proxy.example.org\n198.51.100.80 example.org\n' >>/etc/hosts
	command -v sudo || printf '#!/bin/sh\nexec "$@"\n' | install -m 755 /dev/stdin /usr/local/bin/sudo
	mkdir /tmp/site
	echo 'the page' >/tmp/site/index.html
	git -c init.defaultBranch=main init -q /tmp/project
	git -C /tmp/project -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m first
	git clone -q --bare /tmp/project /tmp/site/project.git
	git -C /tmp/site/project.git update-server-info
	: >/tmp/site/Packages
	rm -f /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/*proxy*
	echo 'deb [trusted=yes] http://example.org/ ./' >/etc/apt/sources.list
	python3 -m http.server --bind 198.51.100.80 --directory /tmp/site 80 >/dev/null 2>&1 &
	eventually curl --silent --fail http://198.51.100.80/
}

check 'typed: a host for the documents' make_surroundings
# shellcheck disable=SC2086 # a pattern
[ -z "$DEBS" ] || cp $DEBS .
# shellcheck disable=SC2086 # a list
node --import=./scripts/typescript.js scripts/typed/main.ts . PASSWORD $DOCUMENTS
