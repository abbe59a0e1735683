// Logins by the hundred at a program that never answers: whom a file knows, or who was let in before, is served all the same.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { dialFrom, hammer, outcomeOf, Tally } from '../support/attackers.ts';
import { mustRun } from '../support/commands.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { loginProgram } from '../support/loginprogram.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { IS_ROOT } from '../support/root.ts';
import { enter } from '../support/socks.ts';

const ATTACKS = 400;
const AT_ONCE = 80;
const NETWORKS = 5;
const HONEST = 20;

test.serial('400 logins at a silent program: those of a file, and remembered ones, are served', async (t) => {
  const folder = temporaryFolder(t);
  const program = loginProgram(folder);
  chmodSync(program.asked, 0o666);
  const users = join(folder, 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'carol', 'secret']);
  const { daemon, ctl } = await steeredDaemon(t, [
    ...['--auth', users, '--auth', program.auth, '--auth-timeout', '2s', '--helper-children', '2'],
    ...(IS_ROOT ? ['-u', 'nobody'] : []),
  ]);
  const logIn = async (source: string, user: string, password: string): Promise<string> => {
    const wire = await dialFrom(t, source, daemon.port);
    return outcomeOf(enter(wire, { user, password }).finally(() => wire.socket.destroy()));
  };
  t.is(await logIn('127.0.0.1', 'alice', 'secret'), 'let in');

  const [attacked, honest] = [new Tally(), new Tally()];
  const attack = hammer(ATTACKS, AT_ONCE, async (id) => {
    const source = `127.7.${id % NETWORKS}.${1 + (id % 200)}`;
    attacked.add(await logIn(source, `silent${id}`, 'x'));
  });
  let slowestMs = 0;
  for (let at = 0; at < HONEST; at++) {
    const startedAt = performance.now();
    honest.add(await logIn('127.0.0.1', at % 2 === 0 ? 'alice' : 'carol', 'secret'));
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
  await attack;

  const { stdout } = await ctl('status');
  t.log(attacked.counts, `slowest honest login ${Math.round(slowestMs)} ms`, stdout.split('\n').at(-2));
  t.deepEqual(honest.counts, { 'let in': HONEST });
  t.deepEqual(attacked.counts, { 'login status 1': ATTACKS });
  t.regex(stdout, /helper:\S+ +down /);
  t.false(
    daemon.lines.some((line) => line.includes(' login-failed ')),
    'none of them is a guess',
  );
});
