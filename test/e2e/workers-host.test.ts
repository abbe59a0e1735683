// What a daemon with workers is to its host: one process id, one account, one log, one place that a new daemon can take.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openAssociation } from '../support/associations.ts';
import { askBind, takeReply } from '../support/bind.ts';
import { mustRun } from '../support/commands.ts';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { asRootInTurn } from '../support/root.ts';
import { dialWire, freePort } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { udpPeer } from '../support/udp.ts';
import { eachWorker, statusOf, until, workersOf } from '../support/workers.ts';

asRootInTurn(
  'workers are born as the account, with files that only root may read, also the later ones',
  async (t) => {
    const folder = temporaryFolder(t);
    const [config, users] = [join(folder, 'picosocks5.conf'), join(folder, 'users')];
    await mustRun(['htpasswd', '-bcB', '-C', '4', users, 'alice', 'right']);
    writeFileSync(config, `auth = htpasswd:${users}\nworkers = 2\n`);
    for (const file of [config, users]) await mustRun(['chmod', '600', file]);
    const env = { NOTIFY_SOCKET: join(folder, 'notify'), WATCHDOG_USEC: '600000000' };
    const steered = await steeredDaemon(t, ['-u', 'nobody', '-c', config], { env });
    const { daemon } = steered;
    const echo = await echoServer(t);
    const [doomed] = await workersOf(steered);
    process.kill(doomed!.pid!, 'SIGKILL');
    await until(async () =>
      (await workersOf(steered)).every(({ pid }) => pid !== undefined && pid !== doomed!.pid),
    );
    await eachWorker(steered, async ({ pid }) => {
      const login = { user: 'alice', password: 'right' };
      (await connectThrough(daemon.port, echo, login)).socket.destroy();
      t.regex(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\t65534\t65534\t65534\t65534$/m);
      t.notRegex(readFileSync(`/proc/${pid}/environ`, 'latin1'), /NOTIFY_SOCKET|WATCHDOG/);
    });
    t.regex(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'), /^Uid:\t65534\t65534\t65534\t65534$/m);
  },
);

test.serial('a daemon with workers takes the place of another one, and no client is refused', async (t) => {
  const folder = temporaryFolder(t);
  const control = join(folder, 'control');
  const listen = [`127.0.0.1:${await freePort()}`];
  const args = ['--workers', '2', '--control', control, '--state', join(folder, 'state')];
  const old = await startDaemon(t, args, { listen });
  const echo = await echoServer(t);
  const kept = await connectThrough(old.port, echo);
  let served = 0;
  const stopping = new AbortController();
  const clients = (async () => {
    for (; !stopping.signal.aborted; served++) (await connectThrough(old.port, echo)).socket.destroy();
  })();
  const fresh = await startDaemon(t, [...args, '--takeover'], { listen });
  await fresh.line(new RegExp(` took-over pid=${old.pid}$`));
  kept.send('still here');
  t.is((await kept.take(10)).toString(), 'still here');
  kept.socket.end();
  t.is(await old.exited, 0);
  stopping.abort();
  await clients;
  t.true(served > 0);
  (await connectThrough(old.port, echo)).socket.destroy();
});

test.serial('BIND and UDP ASSOCIATE work at each worker', async (t) => {
  const steered = await steeredDaemon(t, ['--workers', '2']);
  const { port } = steered.daemon;
  const peer = await udpPeer(t, '127.0.0.1');
  await eachWorker(steered, async ({ worker }) => {
    const bind = await askBind(port);
    const { code, bound } = await takeReply(bind);
    t.is(code, 0);
    const visitor = await dialWire(bound.port);
    t.is((await takeReply(bind)).code, 0);
    visitor.send(`bind ${worker}`);
    t.is((await bind.take(6)).toString(), `bind ${worker}`);
    for (const wire of [visitor, bind]) wire.socket.destroy();

    const association = await openAssociation(t, port);
    await association.send(`udp ${worker}`, peer.local);
    const [datagram] = await peer.take(1);
    t.is(datagram?.bytes.toString(), `udp ${worker}`);
  });
});

test.serial('lines of several workers on one pipe are whole', async (t) => {
  const steered = await steeredDaemon(t, ['--workers', '2', '-v', 'debug', '--log-format', 'json']);
  const { daemon } = steered;
  const echo = await echoServer(t);
  const client = async (): Promise<void> => {
    for (let left = 25; left > 0; left--) (await connectThrough(daemon.port, echo)).socket.destroy();
  };
  await Promise.all(Array.from({ length: 8 }, client));
  await until(async () => (await statusOf(steered)).live === 0);
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  const records = daemon.lines
    .filter((line) => !line.startsWith('picosocks5: '))
    .map((line) => JSON.parse(line) as { event: string; id?: number });
  const ids = records.filter(({ event }) => event === 'ended').map(({ id }) => id);
  t.is(ids.length, 200);
  t.is(new Set(ids).size, 200);
});

test.serial('what does not go together with workers is refused with the reason', async (t) => {
  const { status, stderr } = await runProgram([
    '--nofork',
    '--workers',
    '2',
    '-u',
    'nobody',
    '--chroot',
    '/',
  ]);
  t.is(status, 64);
  t.regex(stderr, /workers.*chroot/);
});
