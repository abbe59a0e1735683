// Which of several methods is taken, over every transport.
import test, { type ExecutionContext } from 'ava';
import { parseCidr } from '../../src/base/ip.ts';
import type { MethodOrder } from '../../src/config/model/config.ts';
import { policy } from '../support/policy.ts';
import { onlyUser, SNAPSHOT, startServerFor } from '../support/server.ts';
import { dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

/** Methods that are offered, and the one that is taken from a client that needs no login. */
const OFFERS: readonly (readonly [offered: readonly number[], server: number, client: number])[] = [
  [[0, 2], 2, 0],
  [[2, 0], 2, 2],
  [[0x80, 1, 0, 2], 2, 0],
  [[0], 0, 0],
  [[2], 2, 2],
  [[0x80, 3], 0xff, 0xff],
  [[], 0xff, 0xff],
];

for (const { name, create } of transports) {
  const transport = create();

  for (const methodOrder of ['server', 'client'] as const) {
    test(`${name}: methods in the order of the ${methodOrder}`, async (t) => {
      const port = await startTrusting(t, methodOrder);
      for (const [offered, server, client] of OFFERS) {
        const taken = methodOrder === 'server' ? server : client;
        t.is(await choiceOf(port, '127.0.0.1', offered), taken, offered.join(' '));
      }
    });
  }

  test(`${name}: the order of the client opens nothing to who has to log in`, async (t) => {
    const port = await startTrusting(t, 'client');
    t.is(await choiceOf(port, '127.0.0.2', [0, 2]), 2);
    t.is(await choiceOf(port, '127.0.0.2', [0]), 0xff);
  });

  /** 127.0.0.1 need not log in. */
  const startTrusting = async (t: ExecutionContext, methodOrder: MethodOrder): Promise<number> => {
    const trust = { whitelist: [parseCidr('127.0.0.1')!], authOnceMs: 0 };
    const { port } = await startServerFor(t, transport, {
      policy: policy({ hasUsers: true }),
      checkLogin: onlyUser('alice', 'right'),
      logins: { ...SNAPSHOT.logins, trust, methodOrder },
    });
    return port;
  };
}

async function choiceOf(port: number, from: string, methods: readonly number[]): Promise<number> {
  const wire = await dialWire(port, '127.0.0.1', from);
  wire.send(Uint8Array.of(5, methods.length, ...methods));
  const [, method] = await wire.take(2);
  wire.socket.destroy();
  return method!;
}
