// The library picosocks5: `import { createServer } from 'picosocks5'`. The same server as the daemon's, without
// its process, log and files. docs/embedding.md shows it.
import { Calls } from './embed/calls.ts';
import { EmbeddedServer, type SocksServerOf } from './embed/embedded.ts';
import { hearing } from './embed/events.ts';
import { hasEngine } from './embed/runtime.ts';
import { configOf } from './embed/settings.ts';
import { createEngineTransport } from './net/engine/engine.ts';
import { createResolver } from './net/names/resolve.ts';
import { loadAddon, type Addon } from './net/native/addon.ts';
import { readEphemeralPorts } from './net/native/ephemeralports.ts';
import { openOwn } from './net/native/hostaddresses.ts';
import { Ways } from './net/routes/ways.ts';
import { createStreamsTransport } from './net/streams/streams.ts';
import { checkOptions, newSources, embeddedSnapshot, type ServerOptions } from './serveroptions.ts';
import { measuredIn } from './servermetrics.ts';
import { Datagrams } from './session/datagrams/datagrams.ts';
import { Logins } from './session/logins.ts';
import { Server } from './session/server/server.ts';

export type { Endpoint, Ip } from './base/ip.ts';
export { Fault, type FaultCode } from './base/fault.ts';
export type {
  Allowance,
  Asked,
  AskedDecision,
  AskedDial,
  AskedOfSession,
  Authenticate,
  Decide,
  Decision,
  Denial,
  Dial,
  GiveProxyLogin,
  Proxy,
  ProxyLogin,
  Resolve,
} from './embed/callbacks.ts';
export type { AcceptOptions, SessionInfo } from './embed/embedded.ts';
export type { Listening, ListenOptions } from './embed/given/listening.ts';
export type { TlsOptions } from './embed/given/tls.ts';
export type { SessionEndedBy as EndedBy } from './session/events.ts';
export type { Ban } from './policy/access/bans.ts';
export type { MetricsRegistry } from './observe/figures/promclient.ts';
export type { Identity } from './policy/identity.ts';
export type { Destination } from './protocol/address.ts';
export { REP, type Rep } from './protocol/codes.ts';
export type { Report, SessionCommand, SessionEvent, SessionFacts } from './session/events.ts';
export type { BanOptions, ServerOptions } from './serveroptions.ts';

export type SocksServer = SocksServerOf<ServerOptions>;

/** A SOCKS5 server. Throws TypeError when an option makes no sense. */
export function createServer(options: ServerOptions = {}): SocksServer {
  checkOptions(options);
  let held = { ...options };
  const addon = addonFor(options);
  const own = openOwn(addon, () => undefined);
  const lasting = {
    own,
    ephemeralPorts: readEphemeralPorts(),
    ways: new Ways(() => undefined),
    sources: newSources(),
    calls: new Calls(),
    isSelf: () => false,
  };
  const snapshot = embeddedSnapshot(held, lasting);
  const transport = addon === undefined ? createStreamsTransport() : createEngineTransport(addon);
  const { follow, close, ...measured } = measuredIn(
    options.metrics,
    hearing(() => held.onEvent),
    createResolver({ kind: 'builtin' }),
  );
  const { resolver } = measured;
  const datagrams = new Datagrams(configOf({}).udpMaxPeersTotal);
  const server = new Server({ ...measured, transport, logins: new Logins(), datagrams }, snapshot);
  follow(server, addon === undefined ? 'streams' : 'engine');
  server.open();
  const embedded = new EmbeddedServer<ServerOptions>({
    server,
    closing: [resolver, transport, own, { close }, { close: () => forget() }],
    unref: () => transport.unref(),
    change: (changes) => {
      const next = { ...held, ...changes };
      for (const name of ['transport', 'signal', 'metrics'] as const) {
        if (next[name] !== held[name])
          throw new TypeError(`${name}: cannot be changed once the server is there`);
      }
      server.replace(embeddedSnapshot(next, lasting));
      held = next;
    },
  });
  const forget = closeBy(options.signal, () => void embedded.close());
  return embedded;
}

function addonFor({ transport = 'auto' }: ServerOptions): Addon | undefined {
  const addon = transport === 'auto' && hasEngine() ? loadAddon() : undefined;
  return addon === undefined || 'reason' in addon ? undefined : addon;
}

/** Gives the way to forget the signal, which may outlive many servers. */
function closeBy(signal: AbortSignal | undefined, close: () => void): () => void {
  if (signal?.aborted) close();
  else signal?.addEventListener('abort', close, { once: true });
  return () => signal?.removeEventListener('abort', close);
}
