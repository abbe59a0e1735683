// A flood of refusals beside a log reader who is slow: what an honest client, a guesser and the operator did must be in the log all
// the same, and each refusal be told or counted.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { dialFrom, outcomeOf } from '../support/attackers.ts';
import { serveOnce } from '../support/bystander.ts';
import { mustRun } from '../support/commands.ts';
import { temporaryFolder, type Daemon } from '../support/daemon.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';
import { steeredDaemon, type Steered } from '../support/pis5ctl.ts';
import { enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const FLOOD = fileURLToPath(new URL('../support/refusalflood.py', import.meta.url));
const SLOW_READER = fileURLToPath(new URL('../support/slowreader.py', import.meta.url));
const RECORDS_PER_SECOND = 1000;
const REFUSED = 10_000;
const SESSIONS = 100;
const ALICE = { user: 'alice', password: 'secret' };
const GUESSER = '127.0.9.1';
const BAN_AFTER = 5;

/** What a daemon that wants logins refuses, with the fault of each. */
const REQUESTS: readonly (readonly [string, string])[] = [
  ['METHOD_UNACCEPTABLE', '050100'],
  ['VERSION_UNSUPPORTED', '060100'],
  ['LOGIN_IMPOSSIBLE', '040100507f00000100'],
];

/** Half of them from 127.0.3.1, the others from many of 127.0.4.0/24; gives how often each fault was made. */
async function flood({ port }: Daemon): Promise<ReadonlyMap<string, number>> {
  const hex = REQUESTS.map(([, bytes]) => bytes);
  const printed = await mustRun(['python3', FLOOD, String(port), String(REFUSED), ...hex]);
  const counts = JSON.parse(printed) as number[];
  return new Map(REQUESTS.map(([cause], at) => [cause, counts[at] ?? 0]));
}

async function guess(t: ExecutionContext, { port }: Daemon): Promise<void> {
  for (let each = 0; each < BAN_AFTER; each++) {
    const wire = await dialFrom(t, GUESSER, port);
    t.is(await outcomeOf(enter(wire, { user: `guess${each}`, password: 'wrong' })), 'login status 1');
  }
}

/** Records as fields, whatever their form. */
type LogEntry = Readonly<Record<string, string>>;

function entryOf(line: string): LogEntry {
  const json = /\{.*\}$/.exec(line)?.[0];
  if (json !== undefined) {
    const object = JSON.parse(json) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, String(value)]));
  }
  const record = line.replace(/^.*?(?:picosocks5\[\d+\]: |T[\d:.+-]+ \w+ )/, '');
  const fields = record.matchAll(/ ([\w-]+)=(?:"((?:\\.|[^"\\])*)"|(\S+))/g);
  const entries = Array.from(fields, ([, key, quoted, bare]): [string, string] => [key!, quoted ?? bare!]);
  return { event: record.split(' ')[0]!, ...Object.fromEntries(entries) };
}

/** Numbers of `a:1,b:2`. */
function countsOf(text: string | undefined): [string, number][] {
  const parts = (text ?? '').split(',').filter((part) => part !== '');
  return parts.map((part) => [part.split(':')[0]!, Number(part.split(':')[1])]);
}

/** How many refusals of this cause the log tells of, each way. */
function toldOf(entries: readonly LogEntry[], cause: string): { single: number; together: number } {
  const single = entries.filter(({ event, why }) => event === 'refused' && why === cause).length;
  const counts = entries.filter(({ event }) => event === 'refused-more').flatMap(({ why }) => countsOf(why));
  const together = counts.filter(([name]) => name === cause).reduce((sum, [, count]) => sum + count, 0);
  return { single, together };
}

function isFrom(client: string): (entry: LogEntry) => boolean {
  return (entry) => entry['event'] === 'refused' && (entry['client'] ?? '').startsWith(`${client}:`);
}

async function attack(t: ExecutionContext, { daemon, ctl }: Steered): Promise<ReadonlyMap<string, number>> {
  const echo = await echoServer(t);
  const flooding = flood(daemon);
  for (let each = 0; each < SESSIONS; each++) {
    await serveOnce(daemon.port, echo, ALICE);
    if (each === SESSIONS / 2) {
      await guess(t, daemon);
      t.is((await ctl('ban', '192.0.2.9', '60s')).status, 0);
    }
  }
  const made = await flooding;
  // What is told of the flood is counted when the daemon ends.
  daemon.signal('SIGHUP');
  return made;
}

function check(t: ExecutionContext, lines: readonly string[], made: ReadonlyMap<string, number>): void {
  const entries = lines.map(entryOf);
  const count = (isIt: (entry: LogEntry) => boolean): number => entries.filter(isIt).length;
  t.is(
    count(({ event, user }) => event === 'ended' && user === 'alice'),
    SESSIONS,
  );
  t.is(
    count(({ event }) => event === 'login-failed'),
    BAN_AFTER,
  );
  t.is(
    count(({ event, client }) => event === 'banned' && client === GUESSER),
    1,
  );
  t.is(
    count(({ event, command }) => event === 'control' && command === 'ban'),
    1,
  );

  const lost = entries
    .filter(({ event }) => event === 'log-dropped')
    .flatMap(({ events }) => countsOf(events));
  const lostOf = (name: string) =>
    lost.filter(([event]) => event === name).reduce((sum, [, number]) => sum + number, 0);
  t.deepEqual(
    lost.filter(([event]) => !['accepted', 'connected', 'refused'].includes(event)),
    [],
  );
  t.true(count(isFrom('127.0.3.1')) <= 20);
  t.true(count(({ event, client }) => event === 'refused' && client!.startsWith('127.0.4.')) <= 100);
  let missing = 0;
  for (const [cause] of REQUESTS) {
    const { single, together } = toldOf(entries, cause);
    missing += (made.get(cause) ?? 0) - single - together;
  }
  t.is(missing, lostOf('refused'), 'each refusal is told or counted');
  t.log(
    `${REFUSED} refused: ${count(({ event }) => event === 'refused')} records of one, ` +
      `${count(({ event }) => event === 'refused-more')} of many; lost: ${lostOf('accepted')} accepted, ` +
      `${lostOf('connected')} connected, ${lostOf('refused')} refused`,
  );
}

function users(t: ExecutionContext, text: string): string {
  const file = join(temporaryFolder(t), 'users');
  writeFileSync(file, text);
  return file;
}

for (const format of ['text', 'json']) {
  const settings = async (t: ExecutionContext): Promise<string[]> => {
    const file = users(t, await mustRun(['htpasswd', '-nbB', '-C', '4', ALICE.user, ALICE.password]));
    const level = ['--loglevel', 'debug', '--log-format', format];
    return ['--auth', file, '--ban-after', String(BAN_AFTER), '--ban-allow', '192.0.2.1', ...level];
  };

  test.serial(`${format}: standard error that is read slowly misses nothing but the flood`, async (t) => {
    const wrapper = ['python3', SLOW_READER, String(RECORDS_PER_SECOND)];
    const steered = await steeredDaemon(t, await settings(t), { wrapper });
    const made = await attack(t, steered);
    const { daemon } = steered;
    await daemon.line(/ reloaded |"event":"reloaded"/);
    daemon.signal('SIGTERM');
    await daemon.line(/ stopped |"event":"stopped"/);
    check(t, daemon.lines, made);
  });

  test.serial(`${format}: a log daemon that reads slowly misses nothing but the flood`, async (t) => {
    const path = newSocketPath();
    const socket = await openLogSocket(path, RECORDS_PER_SECOND);
    t.teardown(() => socket.close());
    const steered = await steeredDaemon(t, [
      ...(await settings(t)),
      ...['--logmode', 'combined', '--syslog', `unix:${path}`],
    ]);
    const made = await attack(t, steered);
    await socket.until((record) => /: reloaded |"event":"reloaded"/.test(record));
    steered.daemon.signal('SIGTERM');
    await socket.until((record) => /: stopped |"event":"stopped"/.test(record));
    check(t, socket.records, made);
  });
}
