import test from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import type { Ip } from '../../src/base/ip.ts';
import { Tarpit } from '../../src/session/tarpit.ts';
import { ip } from '../support/ip.ts';

const HOUR = 3_600_000;

const HOG = ip('192.0.2.66');
const OTHER = ip('198.51.100.1');

test('256 are held; then whoever has most hears an answer early, and nobody else does', async (t) => {
  const tarpit = new Tarpit();
  const deadlines = Array.from({ length: 257 }, () => new Deadline(0, 'HANDSHAKE_TIMEOUT'));
  const early: string[] = [];
  const hold = (name: string, client: Ip, deadline: Deadline) =>
    tarpit.hold(HOUR, client, deadline).then(() => early.push(name));
  const held = deadlines.map((deadline, at) => hold(`${at}`, at === 0 ? OTHER : HOG, deadline));
  await held[1];
  t.deepEqual(early, ['1']);

  // The end of a handshake makes room.
  deadlines[2]!.end(new Fault('SHUTTING_DOWN'));
  await t.throwsAsync(held[2]!, { message: /stopping/ });
  const last = new Deadline(0, 'HANDSHAKE_TIMEOUT');
  const next = hold('next', OTHER, last);
  await new Promise(setImmediate);
  t.deepEqual(early, ['1']);
  for (const deadline of [...deadlines, last]) deadline.end(new Fault('SHUTTING_DOWN'));
  const ends = await Promise.allSettled([...held, next]);
  t.is(ends.filter(({ status }) => status === 'rejected').length, 257);
});

test('no delay is no wait', async (t) => {
  await t.notThrowsAsync(new Tarpit().hold(0, HOG, new Deadline(0, 'HANDSHAKE_TIMEOUT')));
});
