import test from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import { Tarpit } from '../../src/session/tarpit.ts';

const HOUR = 3_600_000;

test('256 are held, the next is not, and the end of a handshake makes room', async (t) => {
  const tarpit = new Tarpit();
  const deadlines = Array.from({ length: 256 }, () => new Deadline(0, 'HANDSHAKE_TIMEOUT'));
  const held = deadlines.map((deadline) => tarpit.hold(HOUR, deadline));
  const late = new Deadline(0, 'HANDSHAKE_TIMEOUT');
  await tarpit.hold(HOUR, late);

  deadlines[0]!.end(new Fault('SHUTTING_DOWN'));
  await t.throwsAsync(held[0]!, { message: /stopping/ });
  const next = tarpit.hold(HOUR, late);
  for (const deadline of [...deadlines, late]) deadline.end(new Fault('SHUTTING_DOWN'));
  t.is((await Promise.allSettled([...held, next])).filter(({ status }) => status === 'rejected').length, 257);
});

test('no delay is no wait', async (t) => {
  await t.notThrowsAsync(new Tarpit().hold(0, new Deadline(0, 'HANDSHAKE_TIMEOUT')));
});
