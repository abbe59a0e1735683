// What systemd hears from the daemon, at a socket in the place of its own (sd_notify(3)).
import test from 'ava';
import { startDaemon } from '../support/daemon.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';

test('systemd is told of readiness, reloads, signs of life and the end', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const daemon = await startDaemon(t, [], { env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: '100000' } });
  const ready = `READY=1\nMAINPID=${daemon.pid}\nWATCHDOG=1`;
  t.is(
    await socket.until((each) => each.startsWith('READY=1')),
    `${ready}\nSTATUS=0 sessions; serving on 127.0.0.1:${daemon.port}`,
  );
  await socket.until((each) => each === 'WATCHDOG=1');
  daemon.signal('SIGHUP');
  t.regex(
    await socket.until((each) => each.startsWith('RELOADING=1')),
    /^RELOADING=1\nMONOTONIC_USEC=\d{6,}$/,
  );
  await socket.until((each) => each === ready);
  daemon.signal('SIGTERM');
  await socket.until((each) => each.startsWith('STOPPING=1'));
  t.is(await daemon.exited, 0);
});
