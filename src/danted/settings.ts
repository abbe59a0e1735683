// The settings of a sockd.conf, the part before its rules.
import { familyOf, parseIp, type Ip } from '../base/ip.ts';
import { isKeyword } from '../config/reading/dantekeywords.ts';
import { formatHostPort, type PortOf } from '../config/values/hostport.ts';
import { quote } from '../config/values/parsed.ts';
import { SOCKS_METHOD, type DanteFacts } from './facts.ts';
import { left, missing, note, setting, type Piece } from './piece.ts';
import type { DanteHost } from './place.ts';
import type { DanteField } from './statements.ts';

type Convert = (field: DanteField, facts: DanteFacts) => readonly Piece[];

/** Converts one setting. */
export function convertSetting(field: DanteField, facts: DanteFacts): readonly Piece[] {
  const { key, line } = field;
  if (SOCKS_METHOD.includes(key)) return convertMethods(field, facts);
  const convert = CONVERTERS.get(key);
  if (convert !== undefined) return convert(field, facts);
  if (isKeyword(key)) return [left(line, key, WHY_NOT.get(key) ?? 'there is nothing like it here')];
  return missing(
    line,
    key,
    'Dante has no such keyword; it is misspelt',
    `write what ${quote(key)} was to say, or remove this line`,
  );
}

const DEFAULT_PORT = 1080;
const SYSLOG_FACILITY = 'daemon';

const convertInternal: Convert = ({ line, values }, { host, internalFamily }) => {
  const [address = '', keyword = 'port', ...rest] = values;
  const port = rest.length === 0 ? DEFAULT_PORT : readPortSetting(rest, host.portOf);
  if (address === '' || keyword !== 'port' || port === undefined) {
    return missing(line, 'internal', `${quote(values.join(' '))} is no address with a port`, WRITE_LISTEN);
  }
  if (internalFamily !== undefined) return listenPlacesOf({ line, address, port }, internalFamily, host);
  return placesAt(address, port, host).map((place) => setting(line, 'listen', place));
};

/** Listens at addresses alone: under the name of an interface or a host those of the other family would serve as well. */
function listenPlacesOf(
  { line, address, port }: { readonly line: number; readonly address: string; readonly port: number },
  family: 4 | 6,
  { interfaces }: DanteHost,
): readonly Piece[] {
  const ip = parseIp(address);
  const own = (ip === undefined ? (interfaces.get(address) ?? []) : [ip]).filter(
    (each) => familyOf(each) === family,
  );
  return own.length === 0
    ? missing(line, 'internal', `${quote(address)} has no address of IPv${family} on this host`, WRITE_LISTEN)
    : own.map((each) => setting(line, 'listen', formatHostPort(each, port)));
}

/** The advice when no address to listen on could be read. */
export const WRITE_LISTEN =
  'write listen = ADDRESS:PORT in the place of this line; without it every address would serve';

/** As in Dante, a word that is no interface of this host is a host name. The name of an alias stands for its addresses only. */
function placesAt(address: string, port: number, { interfaces }: DanteHost): readonly string[] {
  const own = parseIp(address) === undefined ? interfaces.get(address) : undefined;
  if (own === undefined) return [formatHostPort(address, port)];
  return address.includes(':') ? own.map((ip) => formatHostPort(ip, port)) : [`@${address}:${port}`];
}

function readPortSetting(words: readonly string[], portOf: PortOf): number | undefined {
  const [, text = ''] = /^(?:= |eq )?(\S+)$/.exec(words.join(' ')) ?? [];
  return /^\d{1,5}$/.test(text) ? Number(text) : portOf(text);
}

/** All of them become one source, where the first one stands. */
const convertExternal: Convert = ({ line, values: [host = ''] }, facts) => {
  const unknown =
    hostAddressesOf(host, facts).length > 0
      ? []
      : [left(line, 'external', `${quote(host)} is no interface of this host; write source = ADDRESS`)];
  return host === facts.external[0]
    ? [...unknown, ...externalSources(line, facts)]
    : [...unknown, note(line, 'see the first external')];
};

function externalSources(line: number, facts: DanteFacts): readonly Piece[] {
  const { external, rotation, targetFamily } = facts;
  const family = targetFamily === undefined ? [] : [setting(line, 'family', `${targetFamily}`)];
  if (rotation === 'same-same') return [...family, setting(line, 'source', 'client')];
  if (rotation === 'route') {
    return [...family, note(line, 'external.rotation route: the kernel chooses, as it does without source')];
  }
  const own = external.flatMap((host) => hostAddressesOf(host, facts));
  const usable = own.filter((each) => targetFamily === undefined || familyOf(each) === targetFamily);
  // Dante takes the first one of each family.
  const firsts = [4, 6].flatMap((wanted) => usable.find((each) => familyOf(each) === wanted) ?? []);
  return firsts.length === 0 ? family : [...family, setting(line, 'source', firsts.join(','))];
}

/** The addresses of an address or interface; empty when unknown. */
function hostAddressesOf(text: string, { host }: DanteFacts): readonly Ip[] {
  const ip = parseIp(text);
  return ip === undefined ? (host.interfaces.get(text) ?? []) : [ip];
}

const convertMethods: Convert = ({ line, key, values }, { methods }) => {
  const other = values.filter((word) => !/^(?:none|username)$/i.test(word));
  const rest = other.map((word) =>
    left(line, `${key} ${word}`, 'there is no such method here; users log in with user and password, or not'),
  );
  if (!methods.has('username')) {
    return methods.has('none') ? [...rest, note(line, 'without auth nobody has to log in')] : rest;
  }
  const anonymous = methods.has('none') ? [setting(line, 'anonymous', 'yes')] : [];
  return [note(line, ACCOUNTS), setting(line, 'auth', 'shadow:'), ...anonymous, ...rest];
};

const ACCOUNTS =
  'the accounts of this host, read at the start, as root; pis5user makes a file of users instead';

/** When every client would need a method that we lack, none may come in. */
const convertClientMethod: Convert = ({ line, key, values }) => {
  const other = values.filter((word) => word !== 'none');
  const why = 'clients are known by their address, and by login only';
  return [
    ...other.map((word) => left(line, `${key} ${word}`, why)),
    ...(other.length === values.length ? [setting(line, 'network', '!*')] : []),
  ];
};

const convertLog: Convert = ({ line, values }) => {
  const isSyslog = values.some((word) => /^syslog(?:\/|$)/.test(word));
  const isStderr = values.some((word) => word === 'stderr' || word === 'stdout');
  const mode = isSyslog && isStderr ? 'combined' : isStderr ? 'stderr' : isSyslog ? 'syslog' : undefined;
  return [
    ...(mode === undefined ? [] : [setting(line, 'logmode', mode)]),
    ...values.flatMap((word) => whyNoLog(line, word)),
  ];
};

function whyNoLog(line: number, word: string): readonly Piece[] {
  if (word.startsWith('/')) {
    return [
      left(line, `logoutput ${word}`, 'there is no log file here: let syslog or the supervisor write it'),
    ];
  }
  const [, facility = SYSLOG_FACILITY] = /^syslog\/(.*)$/s.exec(word) ?? [];
  return facility === SYSLOG_FACILITY
    ? []
    : [left(line, `logoutput ${word}`, `records have the facility ${SYSLOG_FACILITY}`)];
}

/** Whole seconds; `zero` is the text for 0. */
function seconds(keywords: readonly string[], zero?: string): Convert {
  return ({ line, key, values: [text = ''] }) => {
    if (!/^\d{1,9}$/.test(text)) return [left(line, key, `${quote(text)} is no number of seconds`)];
    if (Number(text) === 0 && zero !== undefined) return [left(line, `${key} 0`, zero)];
    return keywords.map((keyword) => setting(line, keyword, `${Number(text)}s`));
  };
}

const convertLibwrap: Convert = ({ line, key, values: [word = ''] }) => {
  if (word === 'no') return [];
  if (word !== 'yes') return missing(line, key, `${quote(word)} is neither yes nor no`, WRITE_WRAPPERS);
  const why = 'the daemon is called picosocks5 in hosts.allow and hosts.deny, no longer danted';
  return [setting(line, 'tcp-wrappers', 'yes'), left(line, key, why)];
};

const WRITE_WRAPPERS = 'write tcp-wrappers = yes or no in the place of this line';

const convertProtocol: Convert = ({ line, key }, { targetFamily }) =>
  targetFamily === undefined
    ? [left(line, key, 'write family = 4 or family = 6; no external here is of one family only')]
    : [note(line, 'see family')];

const convertInternalProtocol: Convert = ({ line, key, values }) =>
  values.length > 0 && values.every((word) => /^ipv[46]$/.test(word))
    ? [note(line, 'see internal')]
    : missing(line, key, `${quote(values.join(' '))} is not ipv4, ipv6 or both`, WRITE_LISTEN);

const nothing =
  (text: string): Convert =>
  ({ line }) => [note(line, text)];

const NO_WAY_ROUND = 'this limit cannot be switched off here; its default holds';

const CONVERTERS: ReadonlyMap<string, Convert> = new Map([
  ['internal', convertInternal],
  ['external', convertExternal],
  [
    'external.rotation',
    ({ line, values: [word = ''] }: DanteField, facts: DanteFacts) => convertRotation(line, word, facts),
  ],
  ['external.protocol', convertProtocol],
  ['internal.protocol', convertInternalProtocol],
  ['clientmethod', convertClientMethod],
  ['logoutput', convertLog],
  ['user.privileged', nothing('start picosocks5 as root; it keeps nothing of it')],
  ['user.unprivileged', ({ line, values: [name = ''] }: DanteField) => [setting(line, 'user', name)]],
  ['user.notprivileged', ({ line, values: [name = ''] }: DanteField) => [setting(line, 'user', name)]],
  ['user.libwrap', nothing('nothing runs as that user here')],
  ['timeout.negotiate', seconds(['handshake-timeout'], NO_WAY_ROUND)],
  ['timeout.connect', seconds(['connect-timeout'], NO_WAY_ROUND)],
  ['connecttimeout', seconds(['connect-timeout'], NO_WAY_ROUND)],
  ['timeout.io', seconds(['idle-timeout', 'udp-idle-timeout'])],
  ['iotimeout', seconds(['idle-timeout', 'udp-idle-timeout'])],
  ['timeout.io.tcp', seconds(['idle-timeout'])],
  ['timeout.io.udp', seconds(['udp-idle-timeout'])],
  ['timeout.tcp_fin_wait', seconds(['half-closed-timeout'])],
  ['libwrap.hosts_access', convertLibwrap],
]);

function convertRotation(line: number, word: string, facts: DanteFacts): readonly Piece[] {
  if (!/^(?:none|route|same-same)$/.test(word)) {
    return [left(line, 'external.rotation', `${quote(word)} is none, route or same-same`)];
  }
  if (word === 'none') return [note(line, 'see the first external')];
  const listed = facts.external
    .flatMap((host) => hostAddressesOf(host, facts))
    .filter((ip) => facts.externalFamily === undefined || familyOf(ip) === facts.externalFamily);
  const served = word === 'route' ? [...facts.host.interfaces.keys()] : facts.internal;
  const isListed = served.every((host) => {
    const own = hostAddressesOf(host, facts);
    return (word === 'route' || own.length > 0) && own.every((ip) => listed.includes(ip));
  });
  if (isListed) return [note(line, 'see the first external')];
  return [left(line, 'external.rotation', word === 'route' ? NOT_CHOSEN : UNLISTED)];
}

const NOT_CHOSEN =
  'Dante fails where the kernel chooses an address that no external lists; here connections leave from that address';

const UNLISTED =
  'Dante serves nobody who comes in at an address that no external lists; here they are served from that address';

const WHY_NOT: ReadonlyMap<string, string> = new Map([
  ['errorlog', 'errors go where all other records go'],
  ['srchost', 'clients are not looked up; tcp-wrappers can ask for their names'],
  ['compatibility', 'ports of clients are not kept'],
  ['extension', 'BIND is as RFC 1928 has it; Dante’s extension of it is not supported'],
  ['debug', 'see loglevel'],
  ['udp.connectdst', 'answers come from every destination that was sent to'],
  ['external.ip.ip_tos', 'see tos'],
]);
