// What there is in the namespace where Dante and picosocks5 stand side by side: addresses, names, ports, accounts.

/** Addresses of the loopback interface. Clients, proxies and targets are all of this host, so that the guard is no part of it. */
export const ADDRESSES = [
  '192.0.2.1/32',
  '198.51.100.1/32',
  '198.51.100.7/32',
  '203.0.113.5/32',
  '203.0.113.77/32',
  '10.1.0.1/32',
  '10.1.0.9/32',
  '10.2.0.1/32',
  '192.168.7.1/32',
  '2001:db8::1/128',
  '2001:db8:5::5/128',
  'fd00:1::1/128',
];
/** Of the alias `lo:0`. */
export const ALIAS = '192.0.2.9/32';

export const HOSTS = `127.0.0.1 localhost
192.0.2.1 gate.example.org
203.0.113.5 one.example.com
10.1.0.9 two.example.com
10.1.0.9 mixed.example.com
203.0.113.5 mixed.example.com
2001:db8:5::5 six.example.com
203.0.113.77 six.example.com
198.51.100.7 other.example.org
`;

export const CLIENTS = ['10.1.0.1', '10.1.0.1', '10.2.0.1', '192.168.7.1', 'fd00:1::1'];
export const TARGET_IPS = ['10.1.0.9', '203.0.113.5', '203.0.113.77', '198.51.100.7', '2001:db8:5::5'];
export const TARGET_NAMES = [
  'one.example.com',
  'two.example.com',
  'mixed.example.com',
  'six.example.com',
  'other.example.org',
];
/** At each of them something answers, over TCP and UDP. */
export const PORTS = [25, 80, 1500, 8080];
/** Accounts of this host, all with the password `secret`. */
export const ACCOUNTS = ['ann', 'bob'];

/** An `internal`, and where clients of each family find it. */
export const DOORS: readonly { readonly internal: string; readonly ipv4: string; readonly ipv6?: string }[] =
  [
    { internal: '192.0.2.1', ipv4: '192.0.2.1' },
    { internal: 'lo:0', ipv4: '192.0.2.9' },
    { internal: 'lo', ipv4: '192.0.2.1', ipv6: '2001:db8::1' },
    { internal: 'localhost', ipv4: '127.0.0.1' },
    { internal: 'gate.example.org', ipv4: '192.0.2.1' },
  ];
