// What a reload does with live sessions that the new rules would refuse, over each transport.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

const test = ava.serial;

interface Scene {
  readonly daemon: Daemon;
  readonly wires: Readonly<Record<'ann' | 'bob', Wire>>;
  readonly reload: (config: string) => Promise<void>;
  readonly removeUser: (name: string) => Promise<string>;
  readonly enter: (user: string) => Promise<Wire>;
}

/** Ann and Bob are logged in; the first line of each configuration names the file that they stand in. */
async function scene(t: ExecutionContext, transport: string, config: string): Promise<Scene> {
  const folder = temporaryFolder(t);
  const [file, users] = [join(folder, 'picosocks5.conf'), join(folder, 'users')];
  writeFileSync(users, '');
  for (const user of ['ann', 'bob']) await mustRun(['htpasswd', '-bB', '-C', '4', users, user, 'secret']);
  const write = (text: string): void => writeFileSync(file, `auth = htpasswd:${users}\n${text}`);
  write(config);
  const daemon = await startDaemon(t, ['--transport', transport, '-c', file]);
  const echo = await echoServer(t);
  const enter = async (user: string): Promise<Wire> => {
    const wire = await connectThrough(daemon.port, echo, { user, password: 'secret' });
    t.teardown(() => wire.socket.destroy());
    return wire;
  };
  return {
    daemon,
    enter,
    wires: { ann: await enter('ann'), bob: await enter('bob') },
    reload: async (text) => {
      write(text);
      daemon.signal('SIGHUP');
      await daemon.line(/ reloaded /);
    },
    removeUser: (name) => mustRun(['htpasswd', '-D', users, name]),
  };
}

async function lives(t: ExecutionContext, wire: Wire): Promise<void> {
  wire.send('still');
  t.is((await wire.take(5)).toString(), 'still');
}

for (const { name } of transports) {
  test(`${name}: recheck = cut ends what the new rules refuse, and nothing else`, async (t) => {
    const { daemon, wires, reload } = await scene(t, name, 'recheck = cut\n');
    await reload('recheck = cut\nrequest = !all:* user=ann, all:*\n');
    t.regex(await daemon.line(/ recheck /), /sessions=2 refused=1 action=cut$/);
    t.regex(await daemon.line(/ ended id=1 /), /user=ann .* why=not-allowed$/);
    t.is(await wires.ann.ending(), 'reset');
    await lives(t, wires.bob);
  });

  test(`${name}: a user who has gone from the file loses his sessions, and what was remembered of his login`, async (t) => {
    const { daemon, wires, reload, removeUser, enter } = await scene(t, name, 'recheck = cut\n');
    await removeUser('ann');
    await reload('recheck = cut\n');
    t.regex(await daemon.line(/ ended id=1 /), /why=not-allowed$/);
    t.is(await wires.ann.ending(), 'reset');
    await t.throwsAsync(enter('ann'), { message: 'login status 1' });
    await lives(t, wires.bob);
  });

  test(`${name}: recheck = drain=TIME gives them that time`, async (t) => {
    const { daemon, wires, reload } = await scene(t, name, 'recheck = drain=400ms\n');
    await reload('recheck = drain=400ms\nrequest = !all:* user=ann, all:*\n');
    t.regex(await daemon.line(/ recheck /), /sessions=2 refused=1 action=drain secs=0\.4$/);
    await lives(t, wires.ann);
    t.regex(await daemon.line(/ ended id=1 /), /why=not-allowed$/);
    t.is(await wires.ann.ending(), 'reset');
    await lives(t, wires.bob);
  });
}

const ONE = transports[0]!.name;

test('a reload that lets them in again, in the time of drain, saves them', async (t) => {
  const { daemon, wires, reload } = await scene(t, ONE, '');
  await reload('recheck = drain=300ms\nrequest = !all:*\n');
  await reload('recheck = drain=1h\nrequest = !all:* user=bob, all:*\n');
  // Bob is refused still, and his time is not prolonged; Ann would have come before him.
  t.regex(await daemon.line(/ ended id=2 /), /why=not-allowed$/);
  await lives(t, wires.ann);
});

test('recheck = keep, the default, lets them go on', async (t) => {
  const { daemon, wires, reload } = await scene(t, ONE, '');
  await reload('request = !all:*\n');
  await lives(t, wires.ann);
  await lives(t, wires.bob);
  t.false(daemon.lines.some((line) => / recheck /.test(line)));
});
