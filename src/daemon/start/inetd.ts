// One client, on standard input: as inetd(8) starts a program for each with `nowait`, and systemd a unit with Accept=yes.
import { Socket } from 'node:net';
import { StreamLeg } from '../../net/streams/streamleg.ts';
import { CLOSE_LINGER_MS, type Leg } from '../../net/transport.ts';
import { grantsFor } from '../account/confinedfiles.ts';
import { openConfinement } from '../account/confinement.ts';
import { checkSocketOptions, findNative } from '../host/transport.ts';
import type { Launch } from '../running/launch.ts';
import { Lifecycle } from '../running/lifecycle.ts';
import {
  becomeAccount,
  exitOnBugs,
  findAccount,
  loadPasswordChecks,
  openDaemonLog,
} from '../running/startup.ts';
import { closeStderr, isStderrClient } from '../unix/complain.ts';
import { EXIT, StartFailure, type ExitStatus } from '../unix/exit.ts';
import { assemble } from './assembly.ts';

const STDIN = 0;

/** Time for the last records to leave. */
const LOG_DRAIN_MS = 1000;

/**
 * Serves the client and settles when it has gone. There is no listener, pid file, control socket or state. Rejects with
 * StartFailure.
 */
export async function runInetd(launch: Launch): Promise<ExitStatus> {
  const { usable } = launch.loaded;
  if (usable === undefined) throw new TypeError('a session needs a configuration without errors');
  const { config } = usable;
  const lifecycle = new Lifecycle(() => process.exit());
  process.umask(0o027);
  if (isStderrClient) closeStderr();
  const { socket, leg } = takeClient();
  // Not once(): that rejects when the client resets.
  const gone = new Promise((resolve) => socket.on('close', resolve));

  const account = findAccount(config, launch);
  const native = findNative();
  const logMode = isStderrClient ? 'syslog' : config.logMode;
  const log = await openDaemonLog({ ...config, logMode }, account, native, launch);
  exitOnBugs(log);
  const confinement = openConfinement(config, native);
  const { server, lasting, asked, transport } = await assemble(usable, native, log, launch);
  await loadPasswordChecks(config, lasting.checker);
  becomeAccount(account, config, confinement);
  await checkSocketOptions(config, transport);
  confinement.close(grantsFor(config, launch.loaded.files));
  lifecycle.serve((action) => {
    // There is nothing to read again, and no other session to tell of.
    if (action !== 'reload' && action !== 'dump') server.cut();
  });

  server.take(leg);
  server.open();
  // In HTTP the next request is another session.
  do await server.registry.emptied();
  while (server.registry.size > 0);
  // The last reply may be on its way.
  await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, CLOSE_LINGER_MS))]);
  await server.stop(0);
  lasting.tickets?.close();
  await lasting.checker.close();
  asked.close();
  await log.drain(LOG_DRAIN_MS);
  await log.close();
  return EXIT.OK;
}

function takeClient(): { readonly socket: Socket; readonly leg: Leg } {
  const socket = openStdin();
  const leg = StreamLeg.of(socket);
  if (leg === undefined) throw noClient();
  return { socket, leg };
}

function openStdin(): Socket {
  try {
    return new Socket({ fd: STDIN, allowHalfOpen: true }).setNoDelay();
  } catch (error) {
    throw noClient(error);
  }
}

function noClient(cause?: unknown): StartFailure {
  return new StartFailure(
    EXIT.OS_ERROR,
    '--inetd: standard input is no connected TCP socket: inetd.conf needs "stream tcp nowait", a socket unit Accept=yes, ' +
      'and its service StandardInput=socket; or the client has left already',
    cause,
  );
}
