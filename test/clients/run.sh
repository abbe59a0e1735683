#!/bin/sh
# make clients: installs the clients and tries them. Root, for namespaces. All of it happens in a world of its own: this system with a
# layer on top (overlayfs), which holds what is installed and stays in .cache/clients for the next time. Nothing on the
# machine changes, no service starts, and every process ends with the world. Arguments: parts of names of clients.
set -eu
cd "$(dirname "$0")/../.."
cache=$PWD/.cache/clients

die() {
	printf 'clients: %s\n' "$1" >&2
	exit 1
}

# The first process of the world: everything that follows sees the layers only.
if [ "${1-}" = --inside ]; then
	shift
	root=$cache/root
	mount -t overlay overlay -o "lowerdir=/,upperdir=$cache/layer,workdir=$cache/work" "$root"
	for folder in dev sys; do mount --rbind "/$folder" "$root/$folder"; done
	mount -t proc proc "$root/proc"
	mount -t tmpfs tmpfs "$root/tmp"
	mkdir -p "$root$PWD"
	mount --bind "$PWD" "$root$PWD"
	exec chroot "$root" sh "$PWD/test/clients/inside.sh" "$PWD" "$@"
fi

[ "$(id -u)" -eq 0 ] || die 'needs root, for network namespaces and for installing clients in a world of their own'
for program in unshare nsenter ip htpasswd openssl git npm; do
	command -v "$program" >/dev/null || die "$program is missing (the packages to install are in .ci/run)"
done
mkdir -p "$cache"
# A layer fits the system that it was laid on.
if ! cmp -s /var/lib/dpkg/status "$cache/dpkg-status"; then
	rm -rf "$cache/layer" "$cache/work"
	cp /var/lib/dpkg/status "$cache/dpkg-status"
fi
mkdir -p "$cache/layer" "$cache/work" "$cache/root"
exec unshare --mount --pid --ipc --uts --fork --kill-child sh test/clients/run.sh --inside "$@"
