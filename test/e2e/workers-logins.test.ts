// Logins at several workers that only root could prepare: their parent has it, and they ask for it.
import { run } from '../support/commands.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { gssClient } from '../support/gssclient.ts';
import { startKdc, withKerberosInTurn } from '../support/kdc.ts';
import { loginProgram } from '../support/loginprogram.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { asRootInTurn, IS_ROOT } from '../support/root.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { eachWorker, until, workersOf } from '../support/workers.ts';

const ALICE = { user: 'alice', password: 'secret' };

interface Asked {
  readonly pid: number;
  readonly user: string;
}

/** All processes of this program. */
async function processesOf(file: string): Promise<readonly Asked[]> {
  const { stdout } = await run(['ps', '-e', '-ww', '-o', 'pid=,user=,args=']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(`/bin/sh ${file}`))
    .map((line) => line.trim().split(/ +/))
    .map(([pid, user = '']) => ({ pid: Number(pid), user }));
}

asRootInTurn('each worker asks a program of another account, also one that comes later', async (t) => {
  const { auth, file } = loginProgram(temporaryFolder(t));
  const args = ['--workers', '2', '-u', 'nobody', '--auth', auth, '--helper-as', 'daemon'];
  const steered = await steeredDaemon(t, args);
  const echo = await echoServer(t);
  const logIn = async (): Promise<void> => {
    (await connectThrough(steered.daemon.port, echo, ALICE)).socket.destroy();
    await t.throwsAsync(connectThrough(steered.daemon.port, echo, { ...ALICE, password: 'wrong' }));
  };
  await eachWorker(steered, logIn);
  const before = await processesOf(file);
  t.deepEqual(
    before.map(({ user }) => user),
    ['daemon', 'daemon'],
  );
  const [doomed] = await workersOf(steered);
  process.kill(doomed!.pid!, 'SIGKILL');
  await until(async () => (await workersOf(steered)).every(({ pid }) => pid && pid !== doomed!.pid));
  await eachWorker(steered, logIn);
  // The one of the dead worker has ended with it.
  await until(async () => {
    const now = await processesOf(file);
    return now.length === 2 && now.filter(({ pid }) => before.some((each) => each.pid === pid)).length === 1;
  });
  steered.daemon.signal('SIGTERM');
  t.is(await steered.daemon.exited, 0);
  await until(async () => (await processesOf(file)).length === 0);
});

withKerberosInTurn('each worker takes tickets of Kerberos, and none twice', async (t) => {
  const kdc = await startKdc(t);
  const account = IS_ROOT ? ['-u', 'nobody'] : [];
  const args = ['--workers', '2', '--gssapi-keytab', kdc.keytab, ...account];
  const steered = await steeredDaemon(t, args, { env: kdc.env });
  const target = await echoServer(t);
  const expected = { method: 1, plain: false, level: 2, rep: 0, same: true, fin: true };
  await eachWorker(steered, async () => {
    const { port } = steered.daemon;
    t.deepEqual(await gssClient(kdc.env, { port, level: 2, target, bytes: 1000 }), expected);
  });
});
