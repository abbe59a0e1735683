// ssh(1) through the daemon, as people use it: nc as its ProxyCommand.
import test from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { startSshd } from '../support/sshd.ts';

for (const version of ['4', '5']) {
  test(`ssh runs a command and moves a megabyte each way through nc -X ${version}`, async (t) => {
    const folder = temporaryFolder(t);
    const sshd = await startSshd(t, folder);
    const { port } = await startDaemon(t);
    const input = 'picosocks5 '.repeat(100_000);
    const { status, stdout, stderr } = await run(
      [
        ...['ssh', '-F', 'none', '-i', sshd.key, '-p', String(sshd.port)],
        ...['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
        ...['-o', `ProxyCommand=nc -X ${version} -x 127.0.0.1:${port} %h %p`],
        ...['root@127.0.0.1', 'cat; exit 7'],
      ],
      { input },
    );
    t.is(status, 7, stderr);
    t.true(stdout === input, 'what came back is what was sent');
  });
}
