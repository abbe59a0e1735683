// Legs as streams of Node, over each transport. Relays over them: transport-relay.test.ts.
import { once } from 'node:events';
import test from 'ava';
import { carrierOfLeg } from '../../src/net/streams/legstream.ts';
import { accepted, text } from '../support/legs.ts';
import { transports } from '../support/transports.ts';

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('a stream gives what was unread first, and ends at FIN'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    leg.unread(Buffer.from('first '));
    const { stream } = carrierOfLeg(leg);
    wire.socket.end('then');
    let heard = '';
    for await (const bytes of stream) heard += String(bytes);
    t.is(heard, 'first then');
  });

  test(title('a stream holds its writer back while the peer does not read'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const { stream } = carrierOfLeg(leg);
    wire.socket.pause();
    let written = 0;
    const piece = Buffer.alloc(65_536);
    for (let pieces = 0; pieces < 256; pieces++) stream.write(piece, () => (written += piece.length));
    await new Promise((resolve) => setTimeout(resolve, 200));
    t.true(written < 256 * piece.length, `${written} bytes`);
    stream.end();
    wire.socket.resume();
    t.is((await wire.rest()).length, 256 * piece.length);
    stream.destroy();
  });

  test(
    title('a stream that is destroyed in the middle resets, and one that has ended does not'),
    async (t) => {
      const broken = await accepted(t, transport);
      carrierOfLeg(broken.leg).stream.destroy();
      t.is(await broken.wire.ending(), 'reset');
      const ended = await accepted(t, transport);
      const { stream } = carrierOfLeg(ended.leg);
      stream.end('bye');
      await once(stream, 'finish');
      stream.destroy();
      t.is(text(await ended.wire.rest()), 'bye');
    },
  );

  test(title('a reset is the error of the stream'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const { stream } = carrierOfLeg(leg);
    const failed = once(stream, 'error');
    wire.socket.resetAndDestroy();
    t.like(await failed, [{ code: 'PEER_RESET' }]);
  });

  test(title('a stream whose leg is closed says so to its writer'), async (t) => {
    const { leg } = await accepted(t, transport);
    const { stream } = carrierOfLeg(leg);
    leg.close('fin');
    const failed = once(stream, 'error');
    t.notThrows(() => stream.write('anybody there?'));
    t.like(await failed, [{ message: 'leg is closed' }]);
  });
}
