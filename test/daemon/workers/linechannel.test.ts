// The channel between a parent and a worker: whoever waits until it is free is told, however little waited.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { LineChannel } from '../../../src/daemon/workers/linechannel.ts';
import { temporaryFolder } from '../../support/daemon.ts';

async function pair(t: ExecutionContext): Promise<[Socket, Socket]> {
  const path = join(temporaryFolder(t), 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const one = connect(path);
  const [other] = (await once(server, 'connection')) as [Socket];
  t.teardown(() => {
    for (const each of [one, other]) each.destroy();
    server.close();
  });
  return [one, other];
}

test('whenDrained() calls once everything was taken, also where one short line waited', async (t) => {
  const [here, there] = await pair(t);
  there.pause();
  const channel = new LineChannel(here, { maxLine: 100, onLine: () => undefined, onEnd: () => undefined });
  for (let sent = 0; channel.waiting === 0; sent++) {
    if (sent > 100_000) throw new Error('nothing ever waits');
    channel.send('x'.repeat(99));
    await new Promise(setImmediate);
  }
  t.true(channel.waiting < here.writableHighWaterMark);
  const drained = new Promise<void>((resolve) => channel.whenDrained(resolve));
  there.resume();
  await drained;
  t.is(channel.waiting, 0);
  await new Promise<void>((resolve) => channel.whenDrained(resolve));
});
