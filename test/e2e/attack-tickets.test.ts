// The process that reads tickets is killed, stopped, and ends: others take its place, and nobody else is the worse for it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, join } from 'node:path';
import type { Duplex } from 'node:stream';
import test from 'ava';
import type { Fault } from '../../src/base/fault.ts';
import { TicketReader } from '../../src/auth/kerberos/ticketreader.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { freshToken, gssClient, pausedClient, type GssSeen } from '../support/gssclient.ts';
import { ip } from '../support/ip.ts';
import { HAS_KERBEROS, REALM, startKdc, withKerberosInTurn, type Kdc } from '../support/kdc.ts';
import { codeOf } from '../support/legs.ts';
import { needing } from '../support/needing.ts';
import { IS_ROOT } from '../support/root.ts';
import { openScope, type Scope } from '../support/scope.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { ticketProcesses } from '../support/ticketprocesses.ts';

const scope = openScope();
let kdc: Kdc;
if (HAS_KERBEROS) {
  test.before(async () => {
    kdc = await startKdc(scope);
  });
}
test.after.always(() => scope.close());

/** The keytab is root's alone, so the daemon cannot read it any more, nor start a program. */
async function start(t: Scope, ...args: readonly string[]): Promise<Daemon> {
  const asRoot = IS_ROOT ? ['-u', 'daemon', '--confine', 'yes'] : [];
  return startDaemon(t, ['--gssapi-keytab', kdc.keytab, ...asRoot, ...args], { env: kdc.env });
}

const logIn = (daemon: Daemon, target: number): Promise<GssSeen> =>
  gssClient(kdc.env, { port: daemon.port, level: 2, target });

withKerberosInTurn('one that is killed is replaced at once, and who has logged in goes on', async (t) => {
  const [daemon, target] = [await start(t), await echoServer(t)];
  const processes = ticketProcesses(daemon);
  const client = await pausedClient(kdc.env, { port: daemon.port, level: 2, target, bytes: 100_000 });
  const first = await processes.pidOf('serving');
  process.kill(first, 'SIGKILL');
  t.like(await logIn(daemon, target), { level: 2, same: true });
  t.regex(await daemon.line(/ warn tickets /), /was killed from outside; its standby has taken its place/);
  const second = await processes.pidOf('serving');
  t.not(second, first);
  t.like(await client.goOn(), { level: 2, same: true, fin: true });

  // What is killed again within a minute waits a second longer each time.
  process.kill(second, 'SIGKILL');
  t.regex(await daemon.line(/ warn tickets /), /once more; its standby takes its place in 1 s/);
  let seen = await logIn(daemon, target);
  for (let tries = 0; tries < 50 && seen.refused === true; tries++) seen = await logIn(daemon, target);
  t.like(seen, { level: 2, same: true });
});

withKerberosInTurn('a standby that is killed is replaced; without either the method is off', async (t) => {
  const [daemon, target] = [await start(t), await echoServer(t)];
  const processes = ticketProcesses(daemon);
  const standby = await processes.pidOf('standby');
  process.kill(standby, 'SIGKILL');
  const next = await processes.pidOf('standby');
  t.not(next, standby);
  process.kill(await processes.pidOf('serving'), 'SIGKILL');
  t.like(await logIn(daemon, target), { level: 2, same: true });

  const [last, serving] = [await processes.pidOf('standby'), await processes.pidOf('serving')];
  process.kill(serving, 'SIGSTOP');
  for (const pid of [last, serving]) process.kill(pid, 'SIGKILL');
  t.regex(await daemon.line(/ err tickets /), /has ended, with its standby/);
  t.deepEqual(await logIn(daemon, target), { method: 255 });
});

withKerberosInTurn(
  'one that is stopped is told in bounded time, delays nobody else, and can be replaced',
  async (t) => {
    const users = join(temporaryFolder(t), 'users');
    await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'carol', 'secret']);
    const [daemon, target] = [await start(t, '--auth', users), await echoServer(t)];
    const processes = ticketProcesses(daemon);
    const serving = await processes.pidOf('serving');
    process.kill(serving, 'SIGSTOP');
    const waiting = logIn(daemon, target);
    let isOver = false;
    void waiting.then(() => (isOver = true));
    for (let time = 0; time < 5; time++)
      (await connectThrough(daemon.port, target, { user: 'carol', password: 'secret' })).socket.destroy();
    t.false(isOver, 'logins with passwords do not wait for it');
    t.true((await waiting).refused);
    t.true((await logIn(daemon, target)).refused);
    t.regex(await daemon.line(/ refused .*LOGIN_UNAVAILABLE/), /does not answer/);
    process.kill(serving, 'SIGKILL');
    t.like(await logIn(daemon, target), { level: 2, same: true });
  },
);

withKerberosInTurn('they end with the daemon', async (t) => {
  const daemon = await start(t);
  const processes = ticketProcesses(daemon);
  await processes.pidOf('standby');
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  t.true(await processes.haveEnded());
});

/** The runtime library of the compiler: without it cc prints the name alone. */
const asan = spawnSync('cc', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
const HAS_SANITIZERS = isAbsolute(asan.stdout);

needing(
  'krb5-kdc, python3-gssapi and libasan',
  HAS_KERBEROS && HAS_SANITIZERS,
  test.serial,
)('under sanitizers a ticket is accepted, and what can be made of it ends no process', async (t) => {
  const folder = temporaryFolder(t);
  const program = join(folder, 'pis5tickets-asan');
  await mustRun(['make', '-s', '-f', 'native/native.mk', `NATIVE_OUT=${folder}`, program]);
  const sanitized = { ASAN_OPTIONS: 'detect_leaks=0', UBSAN_OPTIONS: 'halt_on_error=1' };
  const child = spawn(program, [kdc.keytab, '0', '0'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...kdc.env, KRB5RCACHENAME: `file2:${join(folder, 'cache')}`, ...sanitized },
  });
  const channel = child.stdio[3] as Duplex;
  t.teardown(() => void channel.destroy());
  await once(channel, 'data');
  const reader = new TicketReader(channel, 60_000);
  const accept = (token: Uint8Array) => reader.accept(token, ip('192.0.2.1'));

  const first = await freshToken(kdc.env);
  const bad: Buffer[] = [];
  for (let length = first.length - 1; length > 0; length -= 47) bad.push(first.subarray(0, length));
  for (let at = 0; at < first.length; at += at < 150 ? 5 : 47) {
    const changed = Buffer.from(first);
    changed[at]! ^= 0xff;
    bad.push(changed);
  }
  // Not every byte is under the key: flags, for one, may be others. But none ends the process that reads them.
  for (const each of bad) {
    const answer = await accept(each).catch(causeOf);
    if (typeof answer === 'string') t.notRegex(answer, /ended the process/);
  }
  const token = await freshToken(kdc.env);
  const answer = await accept(token).catch(causeOf);
  t.like(answer, { principal: `alice@${REALM}`, key: { type: 18 } });
  t.is(await codeOf(accept(token)), 'TICKET_REFUSED', 'a replay');
});

function causeOf(fault: unknown): string {
  return String((fault as Fault).cause);
}
