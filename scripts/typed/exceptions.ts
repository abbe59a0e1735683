// Commands that cannot be typed in the world of deb-test, and commands that have to precede others.

interface Exception {
  readonly matches: RegExp;
}

/** Commands that are not typed, with the reason. Each must stand in a document. */
export const UNTYPED: readonly (Exception & { readonly because: string })[] = [
  { matches: /^ssh /, because: 'there is no host to log in to; make clients types it' },
  { matches: /^java /, because: 'PROGRAM stands for any; make clients types one' },
  { matches: /^chromium /, because: 'it needs a screen; make clients types it with one that has none' },
  { matches: /^dpkg-buildpackage /, because: 'deb-test builds so in its first step' },
  { matches: /^make standalone\b|^sudo tar -C \/opt /, because: 'make standalone-test does so in a chroot' },
  { matches: /openrc|^sudo rc-/, because: 'OpenRC is another init' },
  { matches: /launchd|launchctl/, because: 'macOS' },
  { matches: /\/usr\/local\/etc\/rc\.d|^sysrc /, because: 'FreeBSD' },
  {
    matches: /^sudo fail2ban-client /,
    because: 'its other jails want logs of this host; test/e2e/fail2ban.test.ts loads ours',
  },
];

/** Commands that stay in the foreground, and what they show when the next line can be typed. */
export const STAYING: readonly (Exception & { readonly shows: RegExp })[] = [
  { matches: /^make run\b/, shows: / started / },
];

const CONF = '/etc/picosocks5/picosocks5.conf';

/** Commands typed before others, because the text around those takes them for granted. */
export const BEFORE: readonly (Exception & { readonly type: string })[] = [
  { matches: /^torsocks /, type: `echo 'resolve-commands = yes' >>${CONF}; systemctl reload picosocks5` },
  {
    // Two daemons that were started by hand.
    matches: /^sudo picosocks5 --takeover /,
    type:
      `systemctl stop picosocks5.socket picosocks5; echo 'control = /run/picosocks5/control' >>${CONF}; ` +
      `install -d -m 755 /run/picosocks5; picosocks5 -u picosocks5 --pidfile /run/picosocks5.pid -c ${CONF}`,
  },
];
