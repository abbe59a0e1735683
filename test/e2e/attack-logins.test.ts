// Guessing of passwords where bans are on: what it costs us once the guesser is known, and who else feels it.
import { join } from 'node:path';
import test from 'ava';
import { dialFrom, hammer, Tally } from '../support/attackers.ts';
import { p99Of, serveOnce } from '../support/bystander.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { countersOf, cpuMs } from '../support/footprint.ts';
import { enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const ATTACKERS = ['127.0.0.66', '127.0.0.67', '127.0.0.68', '127.0.0.69'];
const BAN_AFTER = 5;
const BANNED_CONNECTIONS = 3000;
const LIMIT_MS = 250;
const OWNER = { user: 'alice', password: 'secret' };

test.serial(
  'who guesses is banned and costs next to nothing, and the owner of the name gets in',
  async (t) => {
    const users = join(temporaryFolder(t), 'users');
    await mustRun(['htpasswd', '-bcB', '-C', '10', users, OWNER.user, OWNER.password]);
    const echo = await echoServer(t);
    const args = ['--auth', users, '--ban-after', String(BAN_AFTER), '--ban-allow', '192.0.2.1'];
    const daemon = await startDaemon(t, args);
    const guess = async (source: string): Promise<string> => {
      try {
        await enter(await dialFrom(t, source, daemon.port), { user: OWNER.user, password: 'wrong' });
        return 'let in';
      } catch (error) {
        return (error as Error).message === 'login status 1' ? 'checked' : 'turned away';
      }
    };
    await serveOnce(daemon.port, echo, OWNER);

    const before = cpuMs(daemon);
    const guesses = new Tally();
    await hammer(200, 8, async (id) => guesses.add(await guess(ATTACKERS[id % ATTACKERS.length]!)));
    const guessing = cpuMs(daemon) - before;
    // Those that were being checked when the ban fell are answered, too.
    const known = await countersOf(daemon);
    t.true(
      guesses.count('checked') <= ATTACKERS.length * (BAN_AFTER + 2),
      `${guesses.count('checked')} checked`,
    );
    for (const source of ATTACKERS)
      t.regex(await daemon.line(new RegExp(` banned client=${source} `)), /secs=60/);

    const quiet = cpuMs(daemon);
    const flood = hammer(BANNED_CONNECTIONS, 16, (id) => guess(ATTACKERS[id % ATTACKERS.length]!));
    const p99 = await p99Of(() => serveOnce(daemon.port, echo, OWNER), { samples: 100, limitMs: LIMIT_MS });
    await flood;
    const each = (cpuMs(daemon) - quiet) / BANNED_CONNECTIONS;
    const after = await countersOf(daemon);

    t.log(
      `${guesses.count('checked')} guesses were checked, ${(guessing / guesses.count('checked')).toFixed(1)} ms CPU each; ` +
        `then ${BANNED_CONNECTIONS} banned connections, ${each.toFixed(3)} ms CPU each with the owner's ` +
        `${after['accepted']! - known['accepted']!} sessions in it, p99 of which was ${p99.toFixed(1)} ms`,
    );
    t.is(guesses.count('let in'), 0);
    t.is(after['logins-failed'], known['logins-failed'], 'a banned client is not asked for a password');
    t.true(
      daemon.lines.filter((line) => line.includes(' turned-away ')).length <= 6,
      'one line per interval',
    );
    t.true(each < 1, `${each} ms CPU for each banned connection`);
    t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
  },
);
