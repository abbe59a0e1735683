// Legs with a plain socket at the other end, for the tests of the transport contract.
import type { ExecutionContext } from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import { parseIp, type Endpoint } from '../../src/base/ip.ts';
import type { Leg, Relay, RelayEnd, RelayLimits, Transport } from '../../src/net/transport.ts';
import { dialWire, listenTarget, type Target, type Wire } from './sockets.ts';

export const NO_LIMITS: RelayLimits = { idleTimeoutMs: 0, halfClosedTimeoutMs: 0 };

export const at = (port: number, ip = '127.0.0.1'): Endpoint => ({ ip: parseIp(ip)!, port });
export const soon = () => new Deadline(5000, 'CONNECT_TIMEOUT');
export const text = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  );
  return error instanceof Fault ? error.code : String(error);
}

/** An accepted leg and the client at its other end. */
export async function accepted(t: ExecutionContext, transport: Transport): Promise<{ leg: Leg; wire: Wire }> {
  const legs: ((leg: Leg) => void)[] = [];
  const leg = new Promise<Leg>((resolve) => legs.push(resolve));
  const listener = await transport.listen(at(0), (each) => legs.shift()?.(each));
  t.teardown(() => listener.close());
  const wire = await dialWire(listener.local.port);
  t.teardown(() => wire.socket.destroy());
  // A server may wait for the first bytes of a client before it hands the leg over.
  wire.send('!');
  const made = await leg;
  if (text(await made.read()) !== '!') throw new Error('first byte lost');
  return { leg: made, wire };
}

export interface Relayed {
  readonly client: Wire;
  readonly target: Wire;
  readonly relay: Relay;
}

export async function relayed(
  t: ExecutionContext,
  transport: Transport,
  limits = NO_LIMITS,
  early = '',
): Promise<Relayed> {
  const { leg, wire: client } = await accepted(t, transport);
  const server = await listening(t);
  const outgoing = await transport.dial(at(server.port), {}, soon());
  const target = await server.accept();
  leg.unread(Buffer.from(early));
  return { client, target, relay: transport.relay(leg, outgoing, limits) };
}

export async function listening(t: ExecutionContext, host?: string): Promise<Target> {
  const target = await listenTarget(host);
  t.teardown(() => target.close());
  return target;
}

/** How a relay ended, past or to come. */
export function endOf(relay: Relay): Promise<RelayEnd> {
  return new Promise((resolve) => relay.whenEnded(resolve));
}
