// Bytes that come before anybody asks for them: what legs keep of them is counted over all legs.
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { Leg } from '../../src/net/transport.ts';
import {
  CROWDED,
  READ_AHEAD,
  READ_AHEAD_TOTAL,
  ReadAhead,
  UNCOUNTED_BYTES,
} from '../../src/net/readahead.ts';
import { ip } from '../support/ip.ts';
import { dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const MIB = 1024 * 1024;

test('the newest leg of whoever holds most gives way to a newcomer', (t) => {
  const readAhead = new ReadAhead(1000);
  const gone: string[] = [];
  const take = (peer: string, bytes: number, name: string) =>
    readAhead.take(ip(peer), bytes, ({ code }) => gone.push(`${name} ${code}`));
  take('192.0.2.1', 400, 'first');
  take('192.0.2.1', 400, 'second');
  t.true(take('198.51.100.1', 300, 'newcomer') !== undefined);
  t.deepEqual(gone, ['second RESOURCES_EXHAUSTED']);
  t.is(take('192.0.2.1', 400, 'third'), undefined);
  t.is(readAhead.held, 700);
});

for (const { name, create } of transports) {
  /** Legs of a listener, each to a client of ours. */
  async function legs(t: ExecutionContext, count: number): Promise<Leg[]> {
    const transport = create();
    const accepted: Leg[] = [];
    let arrived: () => void = () => undefined;
    const listener = await transport.listen({ ip: ip('127.0.0.1'), port: 0 }, (leg) => {
      accepted.push(leg);
      arrived();
    });
    t.teardown(() => {
      for (const leg of accepted) leg.close('reset');
      listener.close();
    });
    for (let each = 0; each < count; each++) {
      const came = new Promise<void>((resolve) => (arrived = resolve));
      const wire = await dialWire(listener.local.port);
      wire.socket.on('error', () => undefined);
      t.teardown(() => wire.socket.destroy());
      wire.send('x');
      await came;
    }
    for (const leg of accepted) await leg.read();
    return accepted;
  }

  test.serial(
    `${name}: a leg counts what it keeps until it is read, and gives it back when it closes`,
    async (t) => {
      const [leg] = await legs(t, 1);
      leg!.unread(new Uint8Array(UNCOUNTED_BYTES));
      t.is(READ_AHEAD.held, 0);
      leg!.unread(new Uint8Array(9000));
      t.is(READ_AHEAD.held, UNCOUNTED_BYTES + 9000);
      await leg!.read();
      t.is(READ_AHEAD.held, 0);
      leg!.unread(new Uint8Array(5000));
      leg!.close('reset');
      t.is(READ_AHEAD.held, 0);
    },
  );

  test.serial(`${name}: a leg that has to give way fails, and tells who waits on it`, async (t) => {
    const [first, second, third] = await legs(t, 3);
    const heard: Fault[] = [];
    third!.whenReset((fault) => heard.push(fault));
    first!.unread(new Uint8Array(READ_AHEAD_TOTAL / 2));
    second!.unread(new Uint8Array(READ_AHEAD_TOTAL / 2 - MIB));
    third!.unread(new Uint8Array(2 * MIB));
    t.deepEqual(
      heard.map(({ code, cause }) => [code, cause]),
      [['RESOURCES_EXHAUSTED', CROWDED]],
    );
    await t.throwsAsync(third!.read(), { instanceOf: Fault });
    t.is(READ_AHEAD.held, READ_AHEAD_TOTAL - MIB);
    t.is((await first!.read())?.length, READ_AHEAD_TOTAL / 2);
    for (const leg of [first, second, third]) leg!.close('reset');
    t.is(READ_AHEAD.held, 0);
  });
}
