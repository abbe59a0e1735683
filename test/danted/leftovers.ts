// What stands in sockd.conf files beside addresses, methods and commands: limits, time limits, options of sockets, routes, monitors.
// Only what Debian's danted takes: it knows no hostid on Linux and no `bounce`, and `redirect` and `bandwidth` are modules to be bought.
import type { Random } from '../fuzz/random.ts';

/** Limits that no comparison reaches; a line break keeps together what belongs together. */
const OF_EVERY_RULE = [
  'session.max: 900',
  'session.throttle: 900/1',
  'session.state.key: from\n  session.state.max: 900',
  'session.state.throttle: 900/1\n  session.state.key: from',
  'timeout.io: 60',
  'timeout.io.udp: 60',
  'timeout.connect: 20',
  'timeout.negotiate: 20',
  'timeout.tcp_fin_wait: 9',
  'libwrap: banners /nowhere',
  'pam.servicename: danted',
  'internal.ip.ip_tos: 0x10',
  'internal.socket.so_keepalive: 1',
  'internal.log.warning.error: ECONNREFUSED',
  'log: tcpinfo',
];
const OF_CLIENT_RULES = ['session.max: 900\n  session.inheritable: no', 'method: none'];
const OF_SOCKS_RULES = [
  'udp.portrange: 40000-50000',
  'udp.portrange: 40000 - 50000',
  'external.ip.ip_tos: 0x10',
  'external.tcp.tcp_nodelay: 1',
];

export function clientLeftovers(random: Random): string[] {
  return random.oneIn(6) ? [random.pick([...OF_EVERY_RULE, ...OF_CLIENT_RULES])] : [];
}

export function socksLeftovers(random: Random): string[] {
  return random.oneIn(6) ? [random.pick([...OF_EVERY_RULE, ...OF_SOCKS_RULES])] : [];
}

const SETTINGS = [
  'timeout.io: 60',
  'timeout.io.tcp: 60',
  'iotimeout: 60',
  'connecttimeout: 20',
  'timeout.tcp_fin_wait: 9',
  'resolveprotocol: udp',
  'child.maxrequests: 30',
  'cpu.mask.io: 0',
  'udp.connectdst: no',
  'extension: bind',
  'debug: 0',
  'libwrap.hosts_access: no',
  'user.libwrap: nobody',
  'internal.socket.so_keepalive: 1',
  'external.ip.ip_tos: 0x10',
  'external.log.warning.error: dns-any',
];

export function settingLeftovers(random: Random): string[] {
  return random.oneIn(3) ? [random.pick(SETTINGS)] : [];
}

/** Of the grammar of rules, and none. */
const BLOCKS = [
  { head: 'monitor', to: '0/0', fields: ['protocol: tcp', 'internal.alarm.data.recv: 0 in 600'] },
  { head: 'route', to: '0/0', fields: ['via: direct'] },
  { head: 'route', to: '10.1.0.0/16', fields: ['via: direct', 'protocol: tcp udp'] },
  { head: 'route', to: '.example.com', fields: ['via: direct', 'command: connect'] },
  // Whoever answers there says nothing.
  {
    head: 'route',
    to: '203.0.113.5/32',
    fields: ['via: 198.51.100.7 port = 1500', 'proxyprotocol: socks_v5'],
  },
];

export function blockLeftovers(random: Random): (typeof BLOCKS)[number][] {
  return random.oneIn(5) ? [random.pick(BLOCKS)] : [];
}
