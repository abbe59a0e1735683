// Listening sockets that systemd has opened for us (sd_listen_fds(3)): descriptors from 3 on, counted by LISTEN_FDS.
import { fstatSync } from 'node:fs';
import { formatEndpoint } from '../../base/ip.ts';
import { formatPlace, type Layer } from '../../net/layer.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import { unixNameOf } from '../takeover/portholders.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import type { Covers } from './covers.ts';

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

/** Serves on all of them; gives their places. Rejects with StartFailure (71) that names the one that is of no use. */
export async function servePassedSockets(
  server: Doorkeeper,
  covers: Covers,
  passed: readonly PassedSocket[],
): Promise<readonly string[]> {
  const bound: string[] = [];
  for (const socket of passed) {
    const known = new Set(server.listening);
    const place = await serveOne(server, covers, socket);
    if (known.has(place)) throw useless(socket, `it is a second one for ${place}`);
    bound.push(place);
  }
  return bound;
}

async function serveOne(server: Doorkeeper, covers: Covers, socket: PassedSocket): Promise<string> {
  const { descriptor } = socket;
  try {
    // If none was passed, the number is one of Node's own, and listening would close it.
    if (!fstatSync(descriptor).isSocket()) throw Object.assign(new Error('a file'), { code: 'ENOTSOCK' });
    const path = unixNameOf(descriptor);
    if (path === undefined) return await serveCovered(server, covers, descriptor);
    if (!path.startsWith('/')) throw Object.assign(new Error(path), { code: ABSTRACT });
    // The unit removes its file (RemoveOnStop= of systemd.socket(5)).
    await server.listenOnUnix({ descriptor, path, file: 'others' });
    return formatPlace({ path });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw useless(socket, REASONS[code] ?? message, error);
  }
}

/** Its address is known afterwards only. */
async function serveCovered(server: Doorkeeper, covers: Covers, descriptor: number): Promise<string> {
  const layers: Layer[] = [];
  const address = formatEndpoint(await server.listenOn(descriptor, layers));
  covers.adopt(address, layers);
  return address;
}

const NO_STREAM =
  'it is no stream socket of TCP or of a path; the socket unit needs ListenStream=ADDRESS:PORT or ListenStream=/PATH';

/** A code of our own. */
const ABSTRACT = 'ABSTRACT';

/** By the errors of the engine and of Node. */
const REASONS: Readonly<Record<string, string>> = {
  ESOCKTNOSUPPORT: NO_STREAM,
  EAFNOSUPPORT: NO_STREAM,
  ENOTSOCK: NO_STREAM,
  ERR_INVALID_FD_TYPE: NO_STREAM,
  [ABSTRACT]:
    'it is a Unix socket without a file, which every account could use; the socket unit needs ListenStream=/PATH',
  EINVAL: 'it does not listen; the socket unit needs Accept=no',
  EBADF: 'there is no such descriptor',
};

function useless({ descriptor, name }: PassedSocket, why: string, cause?: unknown): StartFailure {
  const which = `descriptor ${descriptor}${name === '' ? '' : ` ("${name}")`}`;
  return new StartFailure(EXIT.OS_ERROR, `cannot serve on ${which}, which systemd has passed: ${why}`, cause);
}
