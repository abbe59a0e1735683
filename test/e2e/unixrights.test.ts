// Mode and group of Unix sockets that are there: what a reload and a takeover change, and what they may not.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';
import { dialUnixWire, type Wire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';

/** As root a socket is made only where root alone may write. */
function folderOf(t: ExecutionContext): string {
  if (process.getuid!() !== 0) return temporaryFolder(t);
  const folder = mkdtempSync('/run/picosocks5-test-');
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const rightsOf = (path: string) => {
  const { mode, gid } = statSync(path);
  return [mode & 0o777, gid];
};

async function entered(path: string): Promise<Wire> {
  const wire = await dialUnixWire(path);
  await enter(wire);
  return wire;
}

for (const workers of [1, 2])
  test(`a reload changes the mode of a socket that is there, and its clients stay; ${workers} workers`, async (t) => {
    const folder = folderOf(t);
    const [path, config] = [join(folder, 'socks'), join(folder, 'conf')];
    const write = (text: string) => writeFileSync(config, `workers = ${workers}\n${text}`);
    write(`listen = unix:${path}\n`);
    const daemon = await startDaemon(t, ['-c', config], { listen: [] });
    const { ino } = statSync(path);
    const wire = await entered(path);
    write(`listen = unix:${path},mode=0666\n`);
    daemon.signal('SIGHUP');
    await daemon.line(/ reloaded /);
    t.is(rightsOf(path)[0], 0o666);
    t.false(daemon.lines.some((line) => line.includes('next start')));
    t.is(statSync(path).ino, ino);
    // What cannot be opened takes the rights back.
    write(`listen = unix:${path},mode=0600\nlisten = unix:/nonexistent/socks\n`);
    daemon.signal('SIGHUP');
    await daemon.line(/ reload-failed /);
    t.is(rightsOf(path)[0], 0o666);
    (await entered(path)).socket.destroy();
    wire.socket.destroy();
  });

asRoot('a reload gives a socket to groups of the account, and is refused for another', async (t) => {
  const folder = folderOf(t);
  await mustRun(['chmod', '755', folder]);
  const [path, other, config] = [join(folder, 'socks'), join(folder, 'other'), join(folder, 'conf')];
  const write = (...rights: string[]) =>
    writeFileSync(
      config,
      `listen = unix:${path},${rights.join(',')}\nlisten = unix:${other},${rights.join(',')}\n`,
    );
  write('mode=0660', 'group=daemon');
  const daemon = await startDaemon(t, ['-c', config, '-u', 'nobody'], { listen: [] });
  t.deepEqual(rightsOf(path), [0o660, 1]);
  write('mode=0666', 'group=nogroup');
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  for (const each of [path, other]) t.deepEqual(rightsOf(each), [0o666, 65_534]);
  writeFileSync(config, `listen = unix:${path},mode=0600\nlisten = unix:${other},mode=0660,group=daemon\n`);
  daemon.signal('SIGHUP');
  t.regex(
    await daemon.line(/ reload-failed /),
    /cannot change unix:\S+other to mode=0660,group=daemon: this account may not: .*restart the daemon.*nothing was changed/,
  );
  for (const each of [path, other]) t.deepEqual(rightsOf(each), [0o666, 65_534]);
  write('mode=0600');
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.deepEqual(rightsOf(path), [0o600, 65_534]);
});

test('after a takeover the file has the mode that the new daemon is told', async (t) => {
  const folder = folderOf(t);
  const [path, control] = [join(folder, 'socks'), join(folder, 'control')];
  const args = ['--control', control, '--takeover'];
  const old = await startDaemon(t, args, { listen: [`unix:${path},mode=0666`] });
  const heir = await startDaemon(t, args, { listen: [`unix:${path}`] });
  await heir.line(/ took-over /);
  t.is(rightsOf(path)[0], 0o600);
  t.is(await old.exited, 0);
  (await entered(path)).socket.destroy();
});
