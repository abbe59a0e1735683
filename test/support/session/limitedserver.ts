// A server with limits, and clients that stay.
import type { ExecutionContext } from 'ava';
import type { CheckLogin } from '../../../src/session/session.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { limits } from '../limits.ts';
import { policy } from '../policy.ts';
import { startServer, type TestServer } from '../server.ts';
import type { Wire } from '../sockets.ts';

export const EVERYBODY: CheckLogin = (user) =>
  Promise.resolve({ kind: 'user', name: Buffer.from(user).toString(), group: 'staff' });

export const USERS = { policy: policy({ hasUsers: true }), checkLogin: EVERYBODY };

export const ANN = { user: 'ann', password: 'x' };

export const BEN = { user: 'ben', password: 'x' };

export async function start(
  t: ExecutionContext,
  transport: Transport,
  ...lines: readonly string[]
): Promise<TestServer> {
  const server = await startServer(transport, { ...USERS, limits: limits(...lines) });
  t.teardown(() => server.stop());
  return server;
}

export async function echoes(wire: Wire, text: string): Promise<boolean> {
  wire.send(text);
  return (await wire.take(text.length)).toString() === text;
}
