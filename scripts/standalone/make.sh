#!/bin/sh
# Puts picosocks5-VERSION-linux-ARCH.tar.gz together: programs, manuals, units and a Node.js of its own, for hosts without one. It
# runs from any folder. "make standalone" calls it; NODE names the version of Node.js, as the package node-linux-ARCH of npm
# has it.
set -eu
cd "$(dirname "$0")/../.."

die() {
	printf 'make standalone: %s\n' "$1" >&2
	exit 1
}

[ "$(uname -s)" = Linux ] || die 'it is for Linux'
for program in "${CC:-cc}" strip tar gzip; do
	command -v "$program" >/dev/null || die "$program is missing (on Debian: apt-get install gcc binutils)"
done
arch=$(node -p process.arch)
version=$(node -p 'require("./package.json").version')
name=picosocks5-$version-linux-$arch
cache=.cache/node-${NODE:=22}
runtime=$cache/node_modules/node-linux-$arch

if [ ! -x "$runtime/bin/node" ]; then
	mkdir -p "$cache"
	npm --prefix "$cache" --no-audit --no-fund install "node-linux-$arch@$NODE" >"$cache/log" 2>&1 || {
		cat "$cache/log" >&2
		die "npm has no node-linux-$arch@$NODE"
	}
fi

stage=build/standalone
rm -rf "$stage"
mkdir -p "$stage/root"
${MAKE:-make} --no-print-directory install DESTDIR="$PWD/$stage/root" PREFIX=/usr SYSCONFDIR=/etc >/dev/null
mv "$stage/root/usr/lib/picosocks5" "$stage/$name"
umask 022
strip -o "$stage/$name/bin/node" "$runtime/bin/node"
chmod 755 "$stage/$name/bin/node"
cp "$runtime/LICENSE" "$stage/$name/LICENSE.node"
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -s -o "$stage/launcher" scripts/standalone/launcher.c
for program in picosocks5 pis5user pis5ctl; do
	install -m 755 "$stage/launcher" "$stage/$name/bin/$program"
done
rm -f "$stage/$name/bin/find-node.sh"
cp -R "$stage/root/usr/share/man" "$stage/$name/man"
cp -R etc "$stage/$name/etc"
chmod -R a+rX,go-w "$stage/$name"
tar -C "$stage" --owner=0 --group=0 -cf - "$name" | gzip -9 >"$name.tar.gz"
ls -l "$name.tar.gz"
