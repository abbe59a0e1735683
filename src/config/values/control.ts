// Kinds of values about a daemon that runs, and about others beside it: --control, --recheck, --fleet-store.
import { formatEndpoint, parseIp } from '../../base/ip.ts';
import { formatDuration, parseDuration } from '../../base/units.ts';
import type { AccountingTarget } from '../model/accounting.ts';
import type { Recheck } from '../model/config.ts';
import type { FleetStore } from '../model/fleet.ts';
import type { PageChoice, WebAddress } from '../model/webaddress.ts';
import { isName, splitHostPort } from './hostport.ts';
import { count, path, type Kind } from './kinds.ts';
import { quote, value, wrong, type Parsed } from './parsed.ts';
import { didYouMean } from './suggest.ts';

/** sun_path of Linux (unix(7)) has 108 bytes with a NUL, that of the BSDs and macOS 104; the socket is made as `PATH.new`. */
const MAX_SOCKET_PATH_BYTES = 99;

const PATH = path('PATH');

/** The path of a Unix socket. */
export const SOCKET_PATH: Kind<string> = {
  ...PATH,
  parse(text, reading) {
    const parsed = PATH.parse(text, reading);
    if (parsed.kind === 'wrong' || Buffer.byteLength(parsed.value) <= MAX_SOCKET_PATH_BYTES) return parsed;
    return wrong(`${quote(text)} is too long for a socket: ${MAX_SOCKET_PATH_BYTES} bytes at most`);
  },
};

/** An address at which health checks are answered. */
export const READY_ADDRESS: Kind<WebAddress> = {
  metavar: 'ADDRESS:PORT|PATH',
  parse(text, reading) {
    if (text.includes('/')) {
      const socket = SOCKET_PATH.parse(text, reading);
      return socket.kind === 'wrong' ? socket : value({ kind: 'path', path: socket.value });
    }
    const split = splitHostPort(text, reading.portOf);
    if (split.kind === 'wrong') return split;
    const { ip, port } = split.value;
    return ip === undefined || port === undefined || port === 0
      ? wrong(
          `${quote(text)} is neither ADDRESS:PORT, such as 192.0.2.1:1081 or [::1]:1081, nor a path with a /`,
        )
      : value({ kind: 'endpoint', endpoint: { ip, port } });
  },
  format(address) {
    if (address.kind === 'path') return address.path;
    return `${address.tls === true ? TLS : ''}${formatEndpoint(address.endpoint)}`;
  },
};

const TLS = 'tls:';

/** A port alone is one of this host alone. */
export const METRICS_ADDRESS: Kind<WebAddress> = {
  metavar: '[tls:]ADDRESS:PORT|PORT|PATH',
  parse(text, reading) {
    const isTls = text.startsWith(TLS);
    const bare = isTls ? text.slice(TLS.length) : text;
    const parsed = READY_ADDRESS.parse(/^\d+$/.test(bare) ? `127.0.0.1:${bare}` : bare, reading);
    if (!isTls || parsed.kind === 'wrong') return parsed;
    if (parsed.value.kind === 'path') return wrong('a Unix socket needs no TLS; write it without "tls:"');
    return value({ ...parsed.value, tls: true });
  },
  format: (address) => READY_ADDRESS.format(address),
};

const FILE = path('FILE');

export const PAGE: Kind<PageChoice> = {
  metavar: 'anybody|FILE',
  parse(text, reading) {
    if (text === 'anybody') return value({ kind: 'anybody' });
    const file = FILE.parse(text, reading);
    return file.kind === 'wrong' ? file : value({ kind: 'users', file: file.value });
  },
  format: (page) => (page.kind === 'users' ? page.file : 'anybody'),
};

/** Where records for accounts go. */
export const ACCOUNTING: Kind<AccountingTarget> = {
  metavar: 'FILE|syslog|-',
  parse(text, reading) {
    if (text === '-') return value({ kind: 'output' });
    if (text === 'syslog') return value({ kind: 'syslog' });
    const file = FILE.parse(text, reading);
    return file.kind === 'wrong' ? file : value({ kind: 'file', path: file.value });
  },
  format(target) {
    if (target.kind === 'file') return target.path;
    return target.kind === 'output' ? '-' : 'syslog';
  },
};

const KEEP_OR_CUT: readonly Recheck['kind'][] = ['keep', 'cut'];

export const RECHECK: Kind<Recheck> = {
  metavar: 'keep|cut|drain=TIME',
  parse(text) {
    if (text === 'keep' || text === 'cut') return value({ kind: text });
    const [, time] = /^drain=(.*)$/s.exec(text) ?? [];
    const milliseconds = time === undefined ? undefined : parseDuration(time);
    if (milliseconds !== undefined) return value({ kind: 'drain', milliseconds });
    return wrong(
      `${quote(text)} is not keep, cut or drain=TIME such as drain=30s${didYouMean(text, KEEP_OR_CUT)}`,
    );
  },
  format: (recheck) =>
    recheck.kind === 'drain' ? `drain=${formatDuration(recheck.milliseconds)}` : recheck.kind,
};

/** More than processors of one host can be kept busy by, and still a parent can look after. */
export const MOST_WORKERS = 64;

const COUNTED = count(1, MOST_WORKERS);

/** 0: `auto`. */
export const WORKERS: Kind<number> = {
  metavar: 'N|auto',
  parse(text, reading) {
    if (text.toLowerCase() === 'auto') return value(0);
    const parsed = COUNTED.parse(text, reading);
    if (parsed.kind === 'value') return parsed;
    return wrong(`${quote(text)} is no number of workers; write 1 to ${MOST_WORKERS}, or auto`);
  },
  format: (workers) => (workers === 0 ? 'auto' : String(workers)),
};

/** The port of Redis and Valkey, with and without TLS. */
const STORE_PORT = 6379;
const MOST_DATABASES = 1_000_000;
const MEMBER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The name of a fleet, or of one of its members. */
export const FLEET_NAME: Kind<string> = {
  metavar: 'NAME',
  parse: (text) =>
    MEMBER_NAME.test(text)
      ? value(text)
      : wrong(`${quote(text)} is no name here; write up to 64 letters, digits, dots, dashes and underscores`),
  format: String,
};

export const FLEET_STORE: Kind<FleetStore> = {
  metavar: 'URL',
  parse(text) {
    const [, scheme = '', bracketed, name = '', digits, database = '0'] =
      /^(rediss?):\/\/(?:\[([^\]]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?(?:\/(\d{1,6})?)?$/i.exec(text) ?? [];
    if (text.includes('@'))
      return wrong(
        'a login does not stand in the address of the store: write it into the file of fleet-auth',
      );
    const host = bracketed ?? name;
    const port = digits === undefined ? STORE_PORT : Number(digits);
    if (scheme === '' || !isHost(host, bracketed !== undefined) || port < 1 || port > 65_535)
      return noStore(text);
    if (Number(database) >= MOST_DATABASES) return noStore(text);
    return value({ isSecure: scheme.toLowerCase() === 'rediss', host, port, database: Number(database) });
  },
  format: formatStore,
};

/** As it is written in the configuration. */
export function formatStore({ isSecure, host, port, database }: FleetStore): string {
  const place = host.includes(':') ? `[${host}]` : host;
  const tail = database === 0 ? '' : `/${database}`;
  return `${isSecure ? 'rediss' : 'redis'}://${place}:${port}${tail}`;
}

/** A time zone of the IANA, such as `Europe/Berlin`. */
export const ZONE: Kind<string> = {
  metavar: 'ZONE',
  parse(text) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: text });
      return value(text);
    } catch {
      return wrong(`${quote(text)} is no time zone; write one such as Europe/Berlin or UTC`);
    }
  },
  format: String,
};

function isHost(host: string, isBracketed: boolean): boolean {
  const isAddress = parseIp(host) !== undefined;
  return isBracketed ? isAddress : isAddress || isName(host);
}

function noStore(text: string): Parsed<FleetStore> {
  return wrong(`${quote(text)} is no store; write redis://HOST[:PORT][/DATABASE], or rediss:// for TLS`);
}
