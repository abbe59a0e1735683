// The control socket without a daemon behind it: who may come, and what happens to those who behave badly.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { converseWithOperator, type Ask } from '../../src/daemon/control/controlconversation.ts';
import { openControlSocket, type ControlSocket } from '../../src/daemon/control/controlsocket.ts';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { run } from '../support/commands.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';
import { Wire } from '../support/sockets.ts';

const echo: Ask = (line) => Promise.resolve(`${line}\n`);

async function opened(t: ExecutionContext, ask?: Ask): Promise<{ path: string; socket: ControlSocket }> {
  const path = join(temporaryFolder(t), 'control');
  const socket = await openControlSocket(path, undefined);
  t.teardown(() => socket.release());
  if (ask !== undefined) socket.serve(ask);
  return { path, socket };
}

async function dial(t: ExecutionContext, path: string): Promise<Wire> {
  const socket = connect({ path, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return new Wire(socket);
}

const failureOf = async (opening: Promise<unknown>): Promise<StartFailure> => {
  const failure: unknown = await opening.catch((error: unknown) => error);
  if (failure instanceof StartFailure) return failure;
  throw new Error('it was opened');
};

test('the socket is for its owner only, and gone in the end', async (t) => {
  const { path, socket } = await opened(t);
  t.is(statSync(path).mode & 0o777, 0o600);
  for (let times = 0; times < 2; times++) {
    t.is(socket.release(), undefined);
    t.false(existsSync(path));
  }
});

asRoot('root gives it to the service account, and nobody else', async (t) => {
  const path = join(temporaryFolder(t), 'control');
  const socket = await openControlSocket(path, { name: 'nobody', uid: 65_534, gid: 65_534 });
  t.teardown(() => socket.release());
  const { uid, gid, mode } = lstatSync(path);
  t.deepEqual([uid, gid, mode & 0o777], [65_534, 65_534, 0o600]);
  socket.serve(echo);
  const askAs = async (id: number): Promise<string> => {
    const account = [`--reuid=${id}`, `--regid=${id}`, '--clear-groups'];
    return (await run(['setpriv', ...account, 'nc', '-NU', path], { input: 'x\n' })).stdout;
  };
  t.is(await askAs(65_534), 'x\n');
  t.is(await askAs(2), '');
});

test('a line in, a line out, in order, also for who says FIN at once and in any pieces', async (t) => {
  const { path } = await opened(t, echo);
  const wire = await dial(t, path);
  for (const piece of ['on', 'e\ntw', 'o\nthr', 'ee\n', 'lost']) wire.send(piece);
  wire.socket.end();
  t.is((await wire.rest()).toString(), 'one\ntwo\nthree\n');
});

test('who came before it serves is answered then', async (t) => {
  const { path, socket } = await opened(t);
  const wire = await dial(t, path);
  wire.send('early\n');
  // By the time that another connection is through, this one has been accepted.
  await pair(t);
  socket.serve(echo);
  t.is((await wire.take(6)).toString(), 'early\n');
});

test('a line without end is answered once, and that is the end', async (t) => {
  const { path } = await opened(t, () => Promise.resolve('too long\n'));
  const wire = await dial(t, path);
  wire.send('x'.repeat(100_000));
  t.is((await wire.take(9)).toString(), 'too long\n');
  await wire.rest().catch(() => undefined);
  t.pass();
});

test('the seventeenth at a time is told so, and there is room again when one has gone', async (t) => {
  const { path } = await opened(t, echo);
  const wires = await Promise.all(Array.from({ length: 16 }, () => dial(t, path)));
  for (const wire of wires) {
    wire.send('in\n');
    await wire.take(3);
  }
  const late = await dial(t, path);
  t.regex((await late.rest()).toString(), /^\{"version":1,"ok":false,"code":"busy"/);
  wires[0]!.socket.end();
  await wires[0]!.rest();
  const next = await dial(t, path);
  next.send('in\n');
  t.is((await next.take(3)).toString(), 'in\n');
});

/** Both ends of a Unix stream socket. */
async function pair(t: ExecutionContext): Promise<{ near: Socket; far: Socket }> {
  const path = join(temporaryFolder(t), 'pair');
  const server = createServer({ allowHalfOpen: true }).listen(path);
  await once(server, 'listening');
  const far = connect(path);
  const [near] = (await once(server, 'connection')) as [Socket];
  t.teardown(() => {
    far.destroy();
    near.destroy();
    server.close();
  });
  return { near, far };
}

test('who does not read the answer is dropped, whatever else he does', async (t) => {
  const { near, far } = await pair(t);
  far.pause();
  far.write('much\nmore\n');
  let asked = 0;
  const ask: Ask = () => {
    asked += 1;
    return Promise.resolve('x'.repeat(8_000_000));
  };
  await converseWithOperator(near, ask, { idleMs: 60_000, answerMs: 50 });
  t.true(near.destroyed);
  t.is(asked, 1, 'the second request waits for the first answer to be taken');
});

test('who says nothing is dropped', async (t) => {
  const { near } = await pair(t);
  await converseWithOperator(near, echo, { idleMs: 20, answerMs: 60_000 });
  t.true(near.destroyed);
});

test('who goes in the middle of an answer is no harm', async (t) => {
  const { near, far } = await pair(t);
  far.write('go\n');
  const talking = converseWithOperator(near, () => {
    far.destroy();
    return Promise.resolve('x'.repeat(1_000_000));
  });
  await t.notThrowsAsync(talking);
});

test('what a dead daemon left is replaced', async (t) => {
  const path = join(temporaryFolder(t), 'control');
  const dying = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
  spawnSync(process.execPath, ['-e', dying]);
  t.true(lstatSync(path).isSocket());
  const socket = await openControlSocket(path, undefined);
  t.teardown(() => socket.release());
  socket.serve(echo);
  const wire = await dial(t, path);
  wire.send('x\n');
  t.is((await wire.take(2)).toString(), 'x\n');
});

test('a living daemon keeps its socket, and the second one says so', async (t) => {
  const { path } = await opened(t, echo);
  const failure = await failureOf(openControlSocket(path, undefined));
  t.is(failure.status, 71);
  t.regex(failure.message, /another daemon listens on the control socket .*: stop it first/);
  const wire = await dial(t, path);
  wire.send('x\n');
  t.is((await wire.take(2)).toString(), 'x\n');
});

test('what is no socket is left alone', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), 'precious');
  symlinkSync('file', join(folder, 'link'));
  for (const name of ['file', 'link']) {
    t.regex(
      (await failureOf(openControlSocket(join(folder, name), undefined))).message,
      /what is there is no socket/,
    );
  }
  t.is(statSync(join(folder, 'file')).size, 8);
});

test('a folder that is missing is named as the reason', async (t) => {
  const path = join(temporaryFolder(t), 'none', 'control');
  t.regex((await failureOf(openControlSocket(path, undefined))).message, /: there is no folder \/.*none$/);
});
