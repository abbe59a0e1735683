// The place at which a program lets its server listen: an address and port, or the path of a Unix socket.
import { unmapIp, type Cidr, type Endpoint, type Ip } from '../../base/ip.ts';
import { parseZonedIp } from '../../base/zoned.ts';
import { BLOCKS } from '../../config/values/blocks.ts';
import { MAX_UNIX_PATH_BYTES } from '../../config/values/unixlisten.ts';
import { plainly, type ListenPlan } from '../../net/layer.ts';
import { mustBeKnown, mustParse } from './reading.ts';
import type { TlsOptions } from './tls.ts';

/** A port of an address (127.0.0.1), or a path with the mode of its file (0o600). */
export type ListenOptions = ProgramPlace & {
  /** The balancers of this listener, in the place of those of the server; '': it has none. */
  readonly proxyProtocol?: string | undefined;
};

type ProgramPlace =
  | {
      readonly port: number;
      readonly host?: string | undefined;
      /** Clients speak TLS first. */
      readonly tls?: TlsOptions | undefined;
      readonly path?: undefined;
    }
  | {
      readonly path: string;
      readonly mode?: number | undefined;
      readonly port?: undefined;
      readonly host?: undefined;
      readonly tls?: undefined;
    };

/** What is listened on, with the real port. */
export type Listening = Endpoint | { readonly path: string };

/** Throws TypeError where it makes no sense. */
export function listenPlanOf(where: ListenOptions): ListenPlan {
  mustBeKnown(where, ['port', 'host', 'path', 'mode', 'tls', 'proxyProtocol'], 'listen');
  const { proxyProtocol } = where;
  const plan = placeOf(where);
  return proxyProtocol === undefined ? plan : { ...plan, balancers: balancersOf(proxyProtocol) };
}

function placeOf(where: ListenOptions): ListenPlan {
  const { host = LOOPBACK, port, path } = where;
  if (path === undefined) {
    if ('mode' in where) throw new TypeError('listen.mode: is for a path');
    return plainly({ ip: mustBeIp('host', host), port });
  }
  if ('port' in where || 'host' in where) throw new TypeError('listen.path: stands without port and host');
  if ('tls' in where) throw new TypeError('listen.tls: is for a port');
  const { mode = 0o600 } = where;
  if (typeof path !== 'string' || path === '' || Buffer.byteLength(path) > MAX_UNIX_PATH_BYTES)
    throw new TypeError(`listen.path: must be a path of at most ${MAX_UNIX_PATH_BYTES} bytes`);
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o777)
    throw new TypeError('listen.mode: must be a number from 0 to 0o777');
  return { path, mode, owner: undefined, layers: [] };
}

const LOOPBACK = '127.0.0.1';

function balancersOf(text: unknown): readonly Cidr[] {
  if (typeof text !== 'string') throw new TypeError('listen.proxyProtocol: must be a text');
  return text === '' ? [] : mustParse('listen.proxyProtocol', BLOCKS, text);
}

export function mustBeIp(option: string, text: unknown): Ip {
  const ip = typeof text === 'string' ? parseZonedIp(text) : undefined;
  if (ip === undefined) throw new TypeError(`${option}: "${String(text)}" is not an IP address`);
  return unmapIp(ip);
}
