// A system that does not show /proc, as in some jails and small containers: everything goes on, with a guess and one warning.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, run } from '../support/commands.ts';
import { PROGRAM, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { PIS5CTL } from '../support/pis5ctl.ts';
import { asRoot } from '../support/root.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

/** In front of a command, for which alone there is no /proc. */
const WITHOUT_PROC = ['unshare', '--mount', 'sh', '-c', 'umount -l /proc && exec "$@"', 'sh'];
const NOBODY = 65_534;

asRoot(
  'without /proc the daemon drops its rights, serves, is asked and handed over, with one warning each',
  async (t) => {
    const folder = temporaryFolder(t);
    const [control, pidFile] = [join(folder, 'ctl'), join(folder, 'pid')];
    const args = ['--user', 'nobody', '--control', control, '--pidfile', pidFile, '--drain', '0'];
    const daemon = await startDaemon(t, args, { wrapper: WITHOUT_PROC });
    t.is(warnings(daemon.lines).length, 1, daemon.lines.join('\n'));
    t.regex(warnings(daemon.lines)[0]!, /no \/proc.*mount proc\(5\)/);
    t.false(existsSync(`${control}.new`));
    t.is(statSync(control).uid, NOBODY);
    t.is(Number(readFileSync(pidFile, 'latin1').split('\n')[0]), daemon.pid);
    (await connectThrough(daemon.port, await echoServer(t))).socket.end();
    await daemon.line(/ ended /);
    t.regex(
      await mustRun([...WITHOUT_PROC, PIS5CTL, '--control', control, 'status']),
      /descriptors: +unknown/,
    );
    await mustRun([...WITHOUT_PROC, PROGRAM, '--healthcheck', `127.0.0.1:${daemon.port}`]);
    daemon.signal('SIGUSR1');
    await daemon.line(/ counters /);

    const next = await startDaemon(t, ['--takeover', ...args], {
      wrapper: WITHOUT_PROC,
      listen: [`127.0.0.1:${daemon.port}`],
    });
    await next.line(/ took-over /);
    t.is(await daemon.exited, 0);
    t.is(warnings(next.lines).length, 1, next.lines.join('\n'));
  },
);

asRoot(
  'without /proc a configuration is checked, and one that insists on being confined is refused',
  async (t) => {
    const folder = temporaryFolder(t);
    const config = join(folder, 'picosocks5.conf');
    writeFileSync(config, 'listen = 127.0.0.1:0\nconfine = yes\nlogmode = stderr\n');
    for (const how of ['--check', '--nofork']) {
      const refused = await run([...WITHOUT_PROC, PROGRAM, how, '--config', config]);
      t.is(refused.status, 77);
      t.regex(refused.stderr, /confine is yes, but \/proc\/self\/task cannot be opened/);
    }
    writeFileSync(config, 'listen = 127.0.0.1:0\nlogmode = stderr\n');
    t.is((await run([...WITHOUT_PROC, PROGRAM, '--check', '--config', config])).status, 0);
  },
);

/** But the one about serving as root, which is another matter. */
function warnings(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => / warn|warning: /.test(line) && !line.includes('running as root'));
}
