# shellcheck shell=sh
# The packages that the steps of deb-test install, in /shared.

builds() {
	dpkg-buildpackage -us -uc -b
	cp ../picosocks5*.deb /shared
}

# repack NAME VERSION: the package as it would be had its configuration said something else.
repack() {
	dpkg-deb -R /shared/picosocks5_*.deb "/tmp/$1"
	sed -i "s/^Version: .*/Version: $2/" "/tmp/$1/DEBIAN/control"
	for file in picosocks5.conf presets/no-smtp.conf; do
		echo "# As it was in $2." >>"/tmp/$1/etc/picosocks5/$file"
	done
	(cd "/tmp/$1" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -b "/tmp/$1" "/shared/$1.deb"
}
