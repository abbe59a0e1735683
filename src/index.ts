// picosocks5 as a library: `import { createServer } from 'picosocks5'`. The same server as the daemon's, without
// its process, log and files. docs/embedding.md shows it.
import type { Endpoint, Ip } from './base/ip.ts';
import { parseZonedIp } from './base/zoned.ts';
import { loadAddon, type Addon } from './net/addon.ts';
import { createEngineTransport } from './net/engine.ts';
import { openOwn } from './net/hostaddresses.ts';
import { createResolver } from './net/resolve.ts';
import { createStreamsTransport } from './net/streams.ts';
import { Datagrams } from './session/datagrams.ts';
import { Logins } from './session/logins.ts';
import { Server } from './session/server.ts';
import { MAX_UDP_PEERS, snapshotOf, type ServerOptions } from './serveroptions.ts';

export type { Endpoint, Ip } from './base/ip.ts';
export { Fault, type FaultCode } from './base/fault.ts';
export type { EndedBy } from './net/transport.ts';
export type { SessionEvent, SessionFacts } from './session/events.ts';
export type { BanOptions, Proxy, ProxyLogin, ServerOptions } from './serveroptions.ts';

export interface SocksServer {
  /** Starts to listen, once or several times; port 0 takes a free one. Rejects with the system's error. */
  listen(port: number, host?: string): Promise<Endpoint>;
  /** Sessions that are open now. */
  readonly sessions: number;
  /** Stops accepting, waits up to `drainMs` (default 0) for the sessions, then cuts the rest. */
  close(drainMs?: number): Promise<void>;
}

/** A SOCKS5 server. Throws TypeError when an option makes no sense. */
export function createServer(options: ServerOptions = {}): SocksServer {
  const addon = addonFor(options);
  const own = openOwn(addon, () => undefined);
  const snapshot = snapshotOf(options, own);
  const resolver = createResolver({ kind: 'builtin' });
  const transport = addon === undefined ? createStreamsTransport() : createEngineTransport(addon);
  const report = options.onEvent ?? (() => undefined);
  const datagrams = new Datagrams(MAX_UDP_PEERS);
  const server = new Server({ transport, resolver, report, logins: new Logins(), datagrams }, snapshot);
  server.open();
  return new EmbeddedServer(server, [resolver, transport, own]);
}

function addonFor({ transport = 'auto' }: ServerOptions): Addon | undefined {
  const addon = transport === 'auto' ? loadAddon() : undefined;
  return addon === undefined || 'reason' in addon ? undefined : addon;
}

class EmbeddedServer implements SocksServer {
  readonly #server: Server;
  readonly #parts: readonly { close(): void }[];

  /** `parts` are closed with the server. */
  constructor(server: Server, parts: readonly { close(): void }[]) {
    this.#server = server;
    this.#parts = parts;
  }

  get sessions(): number {
    return this.#server.registry.size;
  }

  listen(port: number, host = '127.0.0.1'): Promise<Endpoint> {
    return this.#server.listen({ ip: mustBeIp('host', host), port });
  }

  async close(drainMs = 0): Promise<void> {
    await this.#server.stop(drainMs);
    for (const part of this.#parts) part.close();
  }
}

function mustBeIp(option: string, text: string): Ip {
  const ip = parseZonedIp(text);
  if (ip === undefined) throw new TypeError(`${option}: "${text}" is not an IP address`);
  return ip;
}
