// TLS over several workers: whoever has spoken with one resumes at any other.
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { NAME, tlsPlace, type TlsPlace } from '../support/tlsdoor.ts';
import { eachWorker, until, workersOf } from '../support/workers.ts';

interface Door {
  readonly t: ExecutionContext;
  readonly port: number;
  readonly place: TlsPlace;
}

/** What a client keeps, once it has it: TLS 1.3 sends it behind the handshake. */
async function shakeHands(
  { t, port, place }: Door,
  version: SecureVersion,
  session?: Buffer,
): Promise<{ readonly isReused: boolean; readonly kept: Buffer }> {
  const socket: TLSSocket = connect({
    ...{ port, host: '127.0.0.1', servername: NAME, ca: readFileSync(place.authority.file) },
    ...{ minVersion: version, maxVersion: version, session },
  });
  t.teardown(() => socket.destroy());
  let kept: Buffer | undefined;
  let isDone = false;
  socket.on('session', (given: Buffer) => (kept = given));
  socket.on('secureConnect', () => (isDone = true));
  // A session that is resumed need not bring another one along.
  await until(() => isDone && (kept !== undefined || socket.isSessionReused()));
  const isReused = socket.isSessionReused();
  socket.destroy();
  return { isReused, kept: kept ?? session ?? Buffer.alloc(0) };
}

test.serial(
  'a TLS session is resumed at any worker, also at one that came later or after a reload',
  async (t) => {
    const place = tlsPlace(t);
    place.write('workers = 2\n');
    const { folder, config } = place;
    const steered = await steeredDaemon(t, ['-c', config], { folder, listen: ['tls:127.0.0.1:0'] });
    const door = { t, port: steered.daemon.port, place };
    const versions = ['TLSv1.2', 'TLSv1.3'] as const;
    const kept = new Map<SecureVersion, Buffer>();
    const resumed: boolean[] = [];
    const shakeAll = (): Promise<void> =>
      eachWorker(steered, async () => {
        for (const version of versions) {
          const shaken = await shakeHands(door, version, kept.get(version));
          kept.set(version, shaken.kept);
          resumed.push(shaken.isReused);
        }
      });
    await shakeAll();
    t.deepEqual(resumed.splice(0), [false, false, true, true]);
    const [doomed] = await workersOf(steered);
    process.kill(doomed!.pid!, 'SIGKILL');
    await until(async () => (await workersOf(steered)).every(({ pid }) => pid && pid !== doomed!.pid));
    await shakeAll();
    t.deepEqual(resumed.splice(0), [true, true, true, true]);
    t.is((await steered.ctl('reload')).status, 0);
    await shakeAll();
    t.deepEqual(resumed.splice(0), [true, true, true, true]);
    // Others may come in from now on: whoever has come in before shakes hands anew.
    const asks = `tls-client = ask\ntls-client-ca = ${place.authority.file}\n`;
    writeFileSync(config, `${readFileSync(config, 'utf8')}${asks}`);
    t.is((await steered.ctl('reload')).status, 0);
    await shakeAll();
    t.deepEqual(resumed.splice(0), [false, false, true, true]);
  },
);
