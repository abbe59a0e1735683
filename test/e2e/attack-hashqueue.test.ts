// Guessing from many addresses, so that the queue before the hashing threads is always full: whose first login gets through.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { dialFrom, outcomeOf, Tally } from '../support/attackers.ts';
import { p99Of } from '../support/bystander.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { countersOf } from '../support/footprint.ts';
import { enter } from '../support/socks.ts';

const NETWORKS = 5;
const GUESSERS = 80;
const GUESS_INTERVAL_MS = 50;
const FIRST_LOGINS = 10;
/** One record of those who were crowded out in that time. */
const TOLD_INTERVAL_MS = 10_000;
/** Of the handshake, which a login that waits has to be done in. */
const LIMIT_MS = 5000;

test.serial(
  '80 guessers in five networks fill the queue, and each first login of others gets in',
  async (t) => {
    const users = join(temporaryFolder(t), 'users');
    await mustRun(['htpasswd', '-bcB', '-C', '8', users, 'victim', 'secret']);
    for (let id = 0; id < FIRST_LOGINS; id++)
      await mustRun(['htpasswd', '-bB', '-C', '8', users, `user${id}`, `secret${id}`]);
    const daemon = await startDaemon(t, ['--auth', users]);

    const startedAt = performance.now();
    const outcomes = new Tally();
    const flood = { isOn: true };
    const guess = async (source: string, password: string): Promise<void> => {
      const wire = await dialFrom(t, source, daemon.port);
      await enter(wire, { user: 'victim', password }).finally(() => wire.socket.destroy());
    };
    const guessers = Array.from({ length: GUESSERS }, async (_, id) => {
      const source = `127.7.${id % NETWORKS}.${1 + Math.floor(id / NETWORKS)}`;
      for (let attempt = 0; flood.isOn; attempt++) {
        outcomes.add(await outcomeOf(guess(source, `${id} ${attempt}`)));
        // Else it would be shown how fast this process connects, which leaves the threads no processor.
        await pause(GUESS_INTERVAL_MS);
      }
    });
    const crowded = await daemon.line(/why=LOGIN_BUSY/);

    const honest = new Tally();
    let next = 0;
    const p99 = await p99Of(
      async () => {
        const id = next++;
        const wire = await dialFrom(t, '127.0.0.1', daemon.port);
        honest.add(await outcomeOf(enter(wire, { user: `user${id}`, password: `secret${id}` })));
      },
      { samples: FIRST_LOGINS, limitMs: Infinity },
    );
    flood.isOn = false;
    await Promise.all(guessers);
    const { 'logins-failed': failed } = await countersOf(daemon);

    t.log(`${FIRST_LOGINS} first logins took ${Math.round(p99)} ms at most;`, crowded, outcomes.counts);
    t.deepEqual(honest.counts, { 'let in': FIRST_LOGINS });
    t.true(p99 < LIMIT_MS, `${p99} ms`);
    const told = daemon.lines.filter((line) => line.includes('LOGIN_BUSY'));
    const intervals = (performance.now() - startedAt) / TOLD_INTERVAL_MS;
    t.true(told.length <= 2 + intervals, `${told.length} records in ${intervals} intervals`);
    t.true(failed! < outcomes.count('login status 1') / 2, `${failed} count as guesses`);
  },
);
