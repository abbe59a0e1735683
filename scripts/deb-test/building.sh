# shellcheck shell=sh
# Steps of deb-test: the packages. Leaves those of this tree in /shared, for the steps under systemd, too; and an older
# and a newer one, which differ in their conffiles, as old.deb and new.deb beside them.

asks_for_vendor() {
	mv vendor /tmp/vendor
	debian/rules override_dh_auto_configure 2>/tmp/complaint && return 1
	mv /tmp/vendor vendor
	grep 'run "make vendor"' /tmp/complaint
}

has_our_version() {
	[ "$(dpkg-parsechangelog --show-field Version)" = "$(node -p 'require("./package.json").version')" ]
}

check 'debian/changelog and package.json have one version' has_our_version
check 'without vendor/ a build says what to do' asks_for_vendor
check 'dpkg-buildpackage builds without the network' builds
check 'lintian finds no error and no warning' lintian --allow-root --fail-on error,warning /picosocks5_*.changes
check 'apparmor_parser takes the profile' apparmor_parser -Q -K etc/apparmor.d/picosocks5
check 'an older package for the upgrade' repack old 0.0.1
check 'a newer package for the upgrade' repack new 9.9.9

# Without packages the rest would only say so forty times.
[ -e /shared/new.deb ] || { sum_up; exit 1; }
