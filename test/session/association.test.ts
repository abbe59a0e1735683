import test from 'ava';
import type { Leg, UdpSocket } from '../../src/net/transport.ts';
import { Datagrams } from '../../src/session/datagrams/datagrams.ts';
import { Association, type AssociationPlan } from '../../src/session/udp/association.ts';
import { at } from '../support/legs.ts';
import { SNAPSHOT } from '../support/server.ts';

const INSIDE: UdpSocket = { local: at(1), send: () => undefined, close: () => undefined };

/** On a control connection of which only these parts are used. */
function planOver(leg: Pick<Leg, 'read' | 'close' | 'remote'>): AssociationPlan {
  return {
    leg: leg as Leg,
    clientPort: undefined,
    isSelf: () => false,
    limits: SNAPSHOT.udp,
    courses: {
      ofName: () => undefined,
      meantBy: (destination) => [destination],
      ofAddress: () => ({ kind: 'nowhere', reason: 'denied' }),
      objectionTo: () => undefined,
    },
    shared: new Datagrams(16),
    lookup: () => ({ ipv4: [], ipv6: [] }),
    hostAddresses: () => new Set(),
    openOutlet: () => Promise.reject(new Error('not in this test')),
    openTimeoutMs: 0,
    now: () => 0,
  };
}

test('V5-43: a client that sends on the control connection without a pause keeps nobody waiting', async (t) => {
  let reads = 0;
  const read = (): Promise<Uint8Array | undefined> => {
    reads += 1;
    return Promise.resolve(reads > 1000 ? undefined : Uint8Array.of(0));
  };
  const association = new Association(planOver({ read, close: () => undefined, remote: at(2) }));
  association.start(INSIDE);
  await new Promise((resolve) => setImmediate(resolve));
  t.true(reads < 10, `${reads} reads in one turn`);
  const end = await new Promise<{ endedBy: string }>((resolve) => association.whenEnded(resolve));
  t.is(end.endedBy, 'client-fin');
  t.is(reads, 1001);
});
