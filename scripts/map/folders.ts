// The folders of src/ and native/: their order, one sentence about each, and which of them only some may import.

export interface Folder {
  /** From src/ on; `.` is src/ itself. For C from the top of the source tree. */
  readonly name: string;
  /** One sentence, for docs/architecture.md and docs/files.md. */
  readonly about: string;
  /** The only folders that import it; absent: every later one may. */
  readonly importers?: readonly string[];
}

/** From the ground up: a file imports from its own folder and from those before it. The first part of a name is its floor. */
export const FOLDERS: readonly Folder[] = [
  { name: 'base', about: 'Addresses, bytes, faults, time: pure, and of no trade.' },
  { name: 'protocol', about: 'Pure codecs of the wire, from both sides.' },
  { name: 'protocol/http', about: 'Pure codecs of HTTP, for its clients.' },
  { name: 'protocol/doors', about: 'Pure codecs of what stands before SOCKS, or beside it.' },
  { name: 'protocol/logins', about: 'Pure codecs of those who are asked about logins.' },
  { name: 'config/model', about: 'A whole configuration as one immutable value.' },
  { name: 'config/values', about: 'The kinds of values: read from text, written so that they read back.' },
  { name: 'config/rules', about: 'The text of `network`, `request` and `limit` rules, and of sections.' },
  { name: 'config/hosts', about: 'The text of hosts.allow and hosts.deny.' },
  { name: 'config/routes', about: 'The text of routes, of logins at proxies and of source addresses.' },
  { name: 'config/options', about: 'THE table of options, a row for each.' },
  {
    name: 'config/documents',
    about: 'The documents that are rendered from the table: `--help`, manuals, sample file.',
    importers: ['daemon/start', 'danted'],
  },
  { name: 'config/reading', about: 'Command line, files and environment become a `Config`.' },
  { name: 'danted', about: 'A sockd.conf of Dante as a configuration of ours.', importers: ['daemon/ask'] },
  { name: 'policy', about: 'One client, its identity, blocks of addresses: the terms of all decisions.' },
  {
    name: 'policy/facts',
    about: 'Facts that outlive a session or concern other processes, in the form in which they travel.',
  },
  { name: 'policy/limits', about: 'How many sessions, bytes and bytes per second, for whom.' },
  { name: 'policy/room', about: 'Bounded queues and tables that many clients share fairly.' },
  { name: 'policy/rules', about: 'The rules and the guard, ready for questions.' },
  {
    name: 'policy/itinerary',
    about: 'The questions about a client and its request in their order, and the way to its destination.',
  },
  { name: 'policy/access', about: 'Bans, hosts.allow, clients that need no login.' },
  {
    name: 'policy/udp',
    about: 'How many datagrams an association may send, and to targets that never answer.',
    importers: ['session/datagrams', 'session/udp'],
  },
  {
    name: 'auth/hashing',
    about: 'Password hashes, and the threads that compute them.',
    importers: ['auth', 'auth/files', 'auth/sources', 'net/proxies', 'daemon/start', 'pis5user'],
  },
  { name: 'auth/files', about: 'User files and shadow(5) as one table of users.' },
  { name: 'auth', about: 'The check of a login: cache, decoys, CHAP.' },
  {
    name: 'auth/sources',
    about: 'Those who are asked about users that no file has, and the order of all sources.',
    importers: ['daemon/host', 'daemon/logins', 'daemon/workers'],
  },
  {
    name: 'auth/kerberos',
    about: 'Messages under the key of a ticket, and questions to the process that reads tickets.',
    importers: [
      'session',
      'session/login',
      'daemon/account',
      'daemon/host',
      'daemon/running',
      'daemon/workers',
    ],
  },
  { name: 'net/dns', about: 'Questions to name servers, and their answers.' },
  { name: 'net/native', about: 'The door to the C addon, and facts of this host.' },
  { name: 'net', about: 'The contract of transports, and what both share.' },
  { name: 'net/names', about: 'Host names to addresses, and back.' },
  { name: 'net/dial', about: 'Connecting to one of several addresses.' },
  { name: 'net/streams', about: 'The portable transport, over `node:net`.' },
  { name: 'net/tls', about: 'TLS in front of listeners, and how its streams end.' },
  { name: 'net/engine', about: 'The native transport, on Linux.', importers: ['daemon/host', '.'] },
  {
    name: 'net/proxies',
    about: 'Conversations with upstream proxies, and chains of them.',
    importers: ['net/routes', 'session/bind', 'session/udp', 'embed'],
  },
  { name: 'net/routes', about: 'Along the ways of a route, straight or through proxies.' },
  { name: 'session/datagrams', about: 'The room that all UDP associations share.' },
  { name: 'session', about: 'The state of a session, and what all its chapters share.' },
  { name: 'session/bind', about: 'BIND.', importers: ['session/commands'] },
  { name: 'session/udp', about: 'UDP ASSOCIATE.', importers: ['session/commands'] },
  {
    name: 'session/commands',
    about: 'CONNECT, RESOLVE and RESOLVE_PTR, and the table of all commands.',
    importers: ['session/dialects', 'session/forward', 'session/server'],
  },
  {
    name: 'session/forward',
    about: 'Requests for URLs of clients of HTTP: one exchange with a web server each.',
    importers: ['session/dialects'],
  },
  { name: 'session/login', about: 'The login methods.', importers: ['session/dialects'] },
  {
    name: 'session/dialects',
    about: 'SOCKS5, SOCKS4 and HTTP: from the first message to a request, and replies.',
    importers: ['session/server'],
  },
  {
    name: 'session/gate',
    about: 'From a listener to the server: headers of balancers, and layers.',
    importers: ['session/server', 'daemon/web'],
  },
  { name: 'session/server', about: 'Listeners, admission, the handshake, live sessions and their limits.' },
  { name: 'embed/given', about: 'What a program hands over, checked: places to listen, TLS, streams.' },
  { name: 'embed', about: 'The server in the hands of a program.', importers: ['.'] },
  { name: 'observe/lines', about: 'Log records as lines, and the bounded queue before a slow reader.' },
  { name: 'observe/syslog', about: 'The ways to syslog.', importers: ['observe', 'observe/figures'] },
  { name: 'observe', about: 'The log of the daemon, and its measures.' },
  { name: 'observe/figures', about: 'Figures of a server: metrics for Prometheus, records for accounts.' },
  { name: 'control', about: 'The protocol of the control socket.' },
  { name: 'daemon/report', about: 'Reports of a running daemon: counters, sessions, ways, resources.' },
  { name: 'daemon/unix', about: 'The process and its host: background, pid file, descriptors, systemd.' },
  { name: 'daemon/files', about: 'Files that a configuration names: certificates, keys, the PAC file.' },
  { name: 'daemon/host', about: 'A configuration turned into what this host can do.' },
  { name: 'daemon/account', about: 'From root to the service account, and confinement.' },
  {
    name: 'daemon/logins',
    about: 'Sources of users that are asked: opened, tried, followed; and the starter of programs.',
  },
  { name: 'daemon/control', about: 'The control socket, served.' },
  { name: 'daemon/takeover', about: 'A new process takes the place of the old one.' },
  { name: 'daemon/listeners', about: 'Listeners: opened, passed, followed.' },
  { name: 'daemon/web', about: 'Ports that answer by HTTP: health checks, metrics.' },
  { name: 'daemon/ask', about: '`--explain`, `--convert` and `--healthcheck`: answers instead of a daemon.' },
  { name: 'daemon/running', about: 'Signals, reloads, the state file and the end of a daemon.' },
  {
    name: 'daemon/workers',
    about: 'What a parent and its workers tell each other.',
    importers: ['daemon/worker', 'daemon/parent', 'daemon/fleet', 'daemon/start'],
  },
  {
    name: 'daemon/fleet',
    about: 'Several hosts as one: what members tell each other over a store.',
    importers: ['daemon/start'],
  },
  {
    name: 'daemon/worker',
    about: 'One of several processes that serve on the listeners of their parent.',
    importers: ['daemon/start'],
  },
  {
    name: 'daemon/parent',
    about: 'The parent of workers, which does what is done once for all of them.',
    importers: ['daemon/start'],
  },
  { name: 'daemon/start', about: 'The start, from the command line to the first client.', importers: ['.'] },
  { name: 'pis5user', about: 'The command that manages user files.' },
  {
    name: 'pis5ctl/drawing',
    about: 'What pis5ctl writes for people: amounts, tables, bars, progress.',
    importers: ['pis5ctl'],
  },
  { name: 'pis5ctl', about: 'The command that talks to a running daemon.' },
  { name: 'compat', about: 'Command lines of other programs, understood.', importers: ['.'] },
  { name: '.', about: 'The program and the library: what Node.js is started with.' },
];

/** C, from the ground up: a file includes from its own folder and from those before it. */
export const NATIVE_FOLDERS: readonly Folder[] = [
  { name: 'native/unix', about: 'Calls of the kernel and of libraries that Node.js lacks.' },
  {
    name: 'native/leg',
    about: 'What a relay is built of: sockets by handle, sending with a bounded rest, coarse timers, rates.',
  },
  { name: 'native/relay', about: 'Relays of two sockets, on the loop of the engine or on relay threads.' },
  {
    name: 'native/engine',
    about: 'The event loop: accepts, connects, reads and writes for handshakes; UDP.',
  },
  {
    name: 'native/tickets',
    about: 'The program that reads tickets of Kerberos, in a process of its own.',
  },
  { name: 'native/addon', about: 'Translation between N-API and C, without logic.' },
  {
    name: 'native/test/rig',
    about: 'The rig of the native tests: checks that count, sessions, and bulk through them.',
  },
  { name: 'native/test/unix', about: 'Tests of native/unix.' },
  { name: 'native/test/leg', about: 'Tests of native/leg.' },
  { name: 'native/test/relay', about: 'Tests of native/relay, bulk and splicing among them.' },
  { name: 'native/test/engine', about: 'Tests of native/engine.' },
  { name: 'native/test/tickets', about: 'Tests of native/tickets, with tokens that nobody has issued.' },
  { name: 'native/test', about: 'The program that runs the native tests without Node.js, under sanitizers.' },
  { name: 'native', about: 'The build of the addon.' },
];
