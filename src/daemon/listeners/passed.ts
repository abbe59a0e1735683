// Listening sockets that systemd has opened for us (sd_listen_fds(3)): descriptors from 3 on, counted by LISTEN_FDS.
import { fstatSync } from 'node:fs';
import { type Endpoint, formatEndpoint } from '../../base/ip.ts';
import type { Server } from '../../session/server/server.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

interface PassedSocket {
  readonly descriptor: number;
  /** FileDescriptorName= of the socket unit; '' for none. */
  readonly name: string;
}

/** SD_LISTEN_FDS_START */
const FIRST_DESCRIPTOR = 3;

/** Whether sockets were passed to this very process. */
export function hasPassedSockets(env = process.env, pid = process.pid): boolean {
  return env['LISTEN_PID'] === String(pid) && env['LISTEN_FDS'] !== undefined;
}

/** The sockets, and nothing in the environment for children of ours to misread. StartFailure (71) for a bad count. */
export function takePassedSockets(env = process.env, pid = process.pid): readonly PassedSocket[] {
  const isOurs = hasPassedSockets(env, pid);
  const { LISTEN_FDS: count = '', LISTEN_FDNAMES: names = '' } = env;
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDS'];
  delete env['LISTEN_FDNAMES'];
  if (!isOurs) return [];
  if (!/^\d{1,4}$/.test(count)) {
    const why = `LISTEN_FDS=${count} is no count of sockets; it is for systemd to set`;
    throw new StartFailure(EXIT.OS_ERROR, why);
  }
  const name = names.split(':');
  return Array.from({ length: Number(count) }, (_, at) => ({
    descriptor: FIRST_DESCRIPTOR + at,
    name: name[at] ?? '',
  }));
}

/** Serves on all of them. Rejects with StartFailure (71) that names the one that is of no use. */
export async function servePassedSockets(
  server: Server,
  passed: readonly PassedSocket[],
): Promise<readonly Endpoint[]> {
  const bound: Endpoint[] = [];
  for (const socket of passed) {
    const known = new Set(server.listening);
    const endpoint = await serveOne(server, socket);
    if (known.has(formatEndpoint(endpoint)))
      throw useless(socket, `it is a second one for ${formatEndpoint(endpoint)}`);
    bound.push(endpoint);
  }
  return bound;
}

async function serveOne(server: Server, socket: PassedSocket): Promise<Endpoint> {
  try {
    // If none was passed, the number is one of Node's own, and listening would close it.
    if (!fstatSync(socket.descriptor).isSocket())
      throw Object.assign(new Error('a file'), { code: 'ENOTSOCK' });
    return await server.listenOn(socket.descriptor);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw useless(socket, REASONS[code] ?? message, error);
  }
}

const NO_TCP = 'it is no socket of TCP; the socket unit needs ListenStream=ADDRESS:PORT';

/** By the errors of the engine and of Node. */
const REASONS: Readonly<Record<string, string>> = {
  ESOCKTNOSUPPORT: NO_TCP,
  EAFNOSUPPORT: NO_TCP,
  ENOTSOCK: NO_TCP,
  ERR_INVALID_FD_TYPE: NO_TCP,
  EINVAL: 'it does not listen; the socket unit needs Accept=no',
  EBADF: 'there is no such descriptor',
};

function useless({ descriptor, name }: PassedSocket, why: string, cause?: unknown): StartFailure {
  const which = `descriptor ${descriptor}${name === '' ? '' : ` ("${name}")`}`;
  return new StartFailure(EXIT.OS_ERROR, `cannot serve on ${which}, which systemd has passed: ${why}`, cause);
}
