// SIGHUP: all or nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { freePort } from '../support/sockets.ts';
import { connectThrough, type Login } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const ALICE: Login = { user: 'alice', password: 'one' };

interface Reloadable {
  readonly daemon: Daemon;
  readonly config: string;
  readonly users: string;
  readonly echo: number;
  /** Writes the configuration, sends SIGHUP and waits for the daemon's word on it. */
  readonly reload: (text: string) => Promise<string>;
}

async function reloadable(t: ExecutionContext, text: (users: string) => string): Promise<Reloadable> {
  const folder = temporaryFolder(t);
  const config = join(folder, 'picosocks5.conf');
  const users = join(folder, 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, ALICE.user, ALICE.password]);
  writeFileSync(config, text(users));
  const daemon = await startDaemon(t, ['-c', config]);
  const echo = await echoServer(t);
  const reload = (changed: string): Promise<string> => {
    writeFileSync(config, changed);
    daemon.signal('SIGHUP');
    return daemon.line(/ reloaded | reload-failed /);
  };
  return { daemon, config, users, echo, reload };
}

test('a broken file changes nothing and says what is wrong where', async (t) => {
  const { daemon, echo, reload } = await reloadable(t, (users) => `auth = htpasswd:${users}\n`);
  t.regex(await reload('auth = htpasswd:/nonexistent\nmaxcon = 5\n'), /reload-failed/);
  t.true(
    daemon.lines.some((line) => /\/nonexistent: cannot be read: .*picosocks5\.conf:1/.test(line)),
    daemon.lines.join('\n'),
  );
  t.true(daemon.lines.some((line) => /picosocks5\.conf:2: .*maxcon.*maxconn/.test(line)));
  const wire = await connectThrough(daemon.port, echo, ALICE);
  wire.send('ok');
  t.is((await wire.take(2)).toString(), 'ok');
  wire.socket.destroy();
});

test('a route whose sockets cannot be had changes nothing, and the route is named', async (t) => {
  const { daemon, echo, reload } = await reloadable(t, (users) => `auth = htpasswd:${users}\n`);
  t.regex(
    await reload('route = * any device=no-such-if0\n'),
    /reload-failed .*route at .*picosocks5\.conf:1/,
  );
  // Who wants a login still gets one.
  const wire = await connectThrough(daemon.port, echo, ALICE);
  wire.socket.destroy();
});

test('users and rules change for new sessions, live ones go on', async (t) => {
  const { daemon, users, echo, reload } = await reloadable(t, (file) => `auth = htpasswd:${file}\n`);
  const live = await connectThrough(daemon.port, echo, ALICE);
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'bob', 'two']);
  t.regex(await reload(`auth = htpasswd:${users}\nrequest = !connect:127.0.0.0/8\n`), / reloaded /);
  await t.throwsAsync(connectThrough(daemon.port, echo, ALICE), { message: 'login status 1' });
  await t.throwsAsync(connectThrough(daemon.port, echo, { user: 'bob', password: 'two' }), {
    message: 'REP 2',
  });
  live.send('still');
  t.is((await live.take(5)).toString(), 'still');
  live.socket.destroy();
});

test('listeners are added and removed; a busy one changes nothing', async (t) => {
  const { daemon, echo, reload } = await reloadable(t, () => '');
  const added = await freePort();
  t.regex(await reload(`listen = 127.0.0.1:${added}\n`), / reloaded /);
  const live = await connectThrough(added, echo);

  t.regex(await reload(`listen = 127.0.0.1:${echo}\n`), /reload-failed .*another program/);
  (await connectThrough(added, echo)).socket.destroy();

  t.regex(await reload(''), / reloaded /);
  await t.throwsAsync(connectThrough(added, echo), { message: /ECONNREFUSED/ });
  (await connectThrough(daemon.port, echo)).socket.destroy();
  live.send('kept');
  t.is((await live.take(4)).toString(), 'kept');
  live.socket.destroy();
});

test('the log level changes', async (t) => {
  const { daemon, echo, reload } = await reloadable(t, () => 'loglevel = notice\n');
  t.regex(await reload('loglevel = debug\n'), / reloaded /);
  (await connectThrough(daemon.port, echo)).socket.destroy();
  t.regex(await daemon.line(/ accepted /), /client=127\.0\.0\.1:/);
});

test('a setting that needs a restart is named', async (t) => {
  const { daemon, reload } = await reloadable(t, () => '');
  t.regex(await reload('resolver = system\n'), / reloaded /);
  t.true(
    daemon.lines.some((line) => /resolver.*next start/.test(line)),
    daemon.lines.join('\n'),
  );
});
