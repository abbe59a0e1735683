// Ports of BIND by the hundred, held by the clients of one network: how many the daemon holds, and who still gets one.
import test from 'ava';
import { dialFrom, hammer, Tally } from '../support/attackers.ts';
import { askBind, takeReply } from '../support/bind.ts';
import { startDaemon } from '../support/daemon.ts';
import { enter } from '../support/socks.ts';

const HOGS = 12;
const EACH = 30;
const PLACES = 256;

test.serial(
  '360 ports asked for by one network are 256 at most, and a client of another one gets its own',
  async (t) => {
    const daemon = await startDaemon(t);
    const replies = new Tally();
    const crowd: Promise<void>[] = [];
    await hammer(HOGS * EACH, 16, async (id) => {
      const wire = await dialFrom(t, `127.5.0.${1 + (id % HOGS)}`, daemon.port);
      await enter(wire);
      wire.send(Uint8Array.of(5, 2, 0, 1, 127, 0, 0, 9, 0, 0));
      replies.add(`first ${(await takeReply(wire)).code}`);
      crowd.push(
        takeReply(wire).then(
          ({ code }) => replies.add(`second ${code}`),
          () => undefined,
        ),
      );
    });
    const held = replies.count('first 0') - replies.count('second 1');
    t.true(held <= PLACES, `${held} ports`);

    const client = await askBind(daemon.port, { from: '127.0.0.9' });
    t.teardown(() => client.socket.destroy());
    const { code, bound } = await takeReply(client);
    t.is(code, 0);
    t.regex(await daemon.line(/ refused .*cmd=bind .*PORT_UNAVAILABLE/), /client=127\.5\.0\./);
    const peer = await dialFrom(t, '127.0.0.9', bound.port);
    t.is((await takeReply(client)).code, 0);
    client.send('hello');
    t.is((await peer.take(5)).toString(), 'hello');
    t.log(replies.counts);
    t.is(replies.count('first 1') + replies.count('second 1'), HOGS * EACH - PLACES + 1);
  },
);
