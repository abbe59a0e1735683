// Legs that are given to Node.js, once for each implementation of Transport.
import { once } from 'node:events';
import { Socket } from 'node:net';
import test from 'ava';
import { accepted, at, listening, soon, text } from '../support/legs.ts';
import { transports } from '../support/transports.ts';

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('a released leg is a socket of Node, unread bytes are kept, and both ends go on'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.send('early');
    leg.unread((await leg.read())!);
    const { carrier, unread, broken } = leg.release();
    t.is(unread.map(text).join(''), 'early');
    t.false(broken);
    t.true(carrier.stream instanceof Socket);
    t.throws(() => leg.write(Buffer.from('x')), { message: 'leg is closed' });
    leg.close('reset');
    wire.socket.end('late');
    let heard = '';
    carrier.stream.on('data', (bytes: Buffer) => (heard += String(bytes)));
    await once(carrier.stream, 'end');
    t.is(heard, 'late');
    carrier.stream.end('answer');
    t.is(text(await wire.rest()), 'answer');
  });

  test(title('the own end of a dialled leg that is released stays until its socket is closed'), async (t) => {
    const target = await listening(t);
    const leg = await transport.dial(at(target.port), {}, soon());
    const { remote, local } = leg;
    t.true(transport.own.tcp.has(local, remote));
    const { carrier } = leg.release();
    t.true(transport.own.tcp.has(local, remote));
    carrier.reset();
    await once(carrier.stream, 'close');
    t.false(transport.own.tcp.has(local, remote));
  });
}
