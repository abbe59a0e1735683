// What the environment says about passed sockets (sd_listen_fds(3)).
import test from 'ava';
import { takePassedSockets } from '../../src/daemon/listeners/passed.ts';
import { StartFailure } from '../../src/daemon/unix/exit.ts';

test('sockets come with their names, and the environment is empty afterwards', (t) => {
  const env = { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'socks::extra', PATH: '/bin' };
  t.deepEqual(takePassedSockets(env, 7), [
    { descriptor: 3, name: 'socks' },
    { descriptor: 4, name: '' },
    { descriptor: 5, name: 'extra' },
  ]);
  t.deepEqual(env as object, { PATH: '/bin' });
});

test('names may be missing', (t) => {
  t.deepEqual(takePassedSockets({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 7), [{ descriptor: 3, name: '' }]);
});

test('what is for another process is not ours, and goes all the same', (t) => {
  const env = { LISTEN_PID: '8', LISTEN_FDS: '2' };
  t.deepEqual(takePassedSockets(env, 7), []);
  t.deepEqual(env as object, {});
  t.deepEqual(takePassedSockets({ LISTEN_FDS: '2' }, 7), []);
  t.deepEqual(takePassedSockets({}, 7), []);
});

test('a count that is none ends the start', (t) => {
  for (const count of ['', '-1', 'two', '1e3']) {
    const failure = t.throws(() => takePassedSockets({ LISTEN_PID: '7', LISTEN_FDS: count }, 7), {
      instanceOf: StartFailure,
    });
    t.regex(failure.message, /LISTEN_FDS=.* is no count of sockets/);
  }
});
