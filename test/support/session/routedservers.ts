// Servers with routes, and the proxies that these name.
import type { ExecutionContext } from 'ava';
import type { Endpoint } from '../../../src/base/ip.ts';
import type { Transport } from '../../../src/net/transport.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import { startServerFor, type TestServer } from '../server.ts';
import { dialWire, type Wire } from '../sockets.ts';
import { enter } from '../socks.ts';
import { apart } from '../transports.ts';

/** Where nothing listens, whatever other tests open on 127.0.0.1. */
export const NOBODY = '127.0.0.9';

type Start = (changes?: Partial<Snapshot>, names?: readonly Endpoint[]) => Promise<TestServer>;

export function starter(t: ExecutionContext, transport: Transport): Start {
  return (changes, names) => startServerFor(t, apart(transport), changes, names);
}

/** Asks for CONNECT to a host, an IPv4 address or a name; the whole reply with what comes after it still to be read. */
export async function ask(
  t: ExecutionContext,
  proxy: number,
  host: string,
  port: number,
): Promise<{ wire: Wire; reply: Buffer }> {
  const wire = await dialWire(proxy);
  t.teardown(() => wire.socket.destroy());
  await enter(wire);
  const isAddress = /^[\d.]+$/.test(host);
  const address = isAddress
    ? [1, ...host.split('.').map(Number)]
    : [3, host.length, ...Buffer.from(host, 'latin1')];
  wire.send(Uint8Array.of(5, 1, 0, ...address, port >> 8, port & 0xff));
  return { wire, reply: await wire.take(10) };
}

export async function echoes(wire: Wire): Promise<boolean> {
  wire.send('ping');
  return (await wire.take(4)).toString() === 'ping';
}
