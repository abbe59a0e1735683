// Which signs of life are sent, and when: sd_watchdog_enabled(3).
import test from 'ava';
import { supervise } from '../../src/daemon/running/supervision.ts';

/** What is said until a message fits. */
function hear(
  env: NodeJS.ProcessEnv,
  status = () => 'fine',
): { said: string[]; next: () => Promise<string> } {
  const said: string[] = [];
  let wake: (message: string) => void = () => undefined;
  const supervision = supervise(
    (message) => {
      said.push(message);
      wake(message);
    },
    status,
    env,
  );
  supervision.ready();
  // The timer alone does not keep a process alive.
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      const alive = setInterval(() => undefined, 1000);
      wake = (message) => {
        clearInterval(alive);
        resolve(message);
      };
    });
  return { said, next };
}

test('a sign of life comes within half of the time that systemd waits', async (t) => {
  const began = performance.now();
  const { next } = hear({ WATCHDOG_USEC: '400000', WATCHDOG_PID: String(process.pid) });
  t.is(await next(), 'WATCHDOG=1');
  t.true(performance.now() - began >= 150);
});

test('a status that has changed is told along', async (t) => {
  let sessions = 0;
  const { next } = hear({ WATCHDOG_USEC: '20000' }, () => `${sessions}`);
  sessions = 5;
  t.is(await next(), 'WATCHDOG=1\nSTATUS=5');
  t.is(await next(), 'WATCHDOG=1');
});

test('there are none where systemd does not wait for them, or waits for another process', (t) => {
  for (const env of [{}, { WATCHDOG_USEC: '' }, { WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }]) {
    t.deepEqual(hear(env).said, [`READY=1\nMAINPID=${process.pid}\nSTATUS=fine`]);
  }
});

test('where nobody listens nothing is asked', (t) => {
  const supervision = supervise(undefined, () => t.fail());
  supervision.ready();
  supervision.reloading();
  supervision.stopping();
  t.pass();
});
