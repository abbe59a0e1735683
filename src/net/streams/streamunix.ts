// Unix sockets over node:net, for clients of this host. When a listener is closed, libuv removes the name that it has bound,
// even if another process owns that name by then: so a socket is made under another one.
import { renameSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { ipOfUnixClient, LOOPBACK_IPV4 } from '../../base/ip.ts';
import { MAX_UNIX_PATH_BYTES } from '../../config/values/unixlisten.ts';
import { dialFault } from '../errors.ts';
import { descriptorOf } from '../native/descriptors.ts';
import { draftOf, removeStaleSocket } from '../socketfile.ts';
import type { Leg, ListenerOptions, UnixListener } from '../transport.ts';
import { resetNow, StreamLeg } from './streamleg.ts';

/** The uid at the other end of a socket; undefined: it is not known. */
export type AccountOf = (descriptor: number) => number | undefined;

/** The part of a transport that its Unix sockets use. */
interface UnixHome {
  readonly servers: Set<Server>;
  readonly isQuiet: boolean;
  readonly accountOf: AccountOf;
}

/** Pending connections; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 4096;

/** As Transport.listenUnix(). */
export function listenAtUnix(
  { servers, isQuiet, accountOf }: UnixHome,
  at: string | number,
  onLeg: (leg: Leg) => void,
  { onStarved = () => undefined }: ListenerOptions = {},
): Promise<UnixListener> {
  const server = createServer({ allowHalfOpen: true }, (socket) => onLeg(legOf(socket, accountOf)));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const listening = (): void => {
      try {
        mustBeUnix(server);
        if (typeof at === 'string') renameSync(draftOf(at), at);
      } catch (error) {
        server.close();
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      server.off('error', reject);
      server.on('error', (error) => onStarved(new Fault('RESOURCES_EXHAUSTED', error)));
      servers.add(server);
      if (isQuiet) server.unref();
      const close = (): void => {
        servers.delete(server);
        server.close();
      };
      resolve({ descriptor: descriptorOf(server), close });
    };
    if (typeof at === 'number') server.listen({ fd: at, backlog: BACKLOG }, listening);
    else server.listen({ path: clearDraft(at), backlog: BACKLOG }, listening);
  });
}

/** Connects to a Unix socket; rejects with a Fault of the connecting group, or the one that `deadline` ended with. */
export function dialUnix(path: string, deadline: Deadline): Promise<Leg> {
  const socket = connect({ path, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    const forget = deadline.whenEnded((fault) => {
      socket.destroy();
      reject(fault);
    });
    const fail = (error: NodeJS.ErrnoException): void => {
      forget();
      // A path without a socket is a port without a listener.
      const code = error.code === 'ENOENT' ? 'ECONNREFUSED' : (error.code ?? 'unknown');
      reject(dialFault(code, LOOPBACK_IPV4, error));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      forget();
      socket.off('error', fail);
      resolve(legOf(socket, () => undefined));
    });
  });
}

/** Throws ENAMETOOLONG: some versions of libuv would cut the name. */
function clearDraft(path: string): string {
  const draft = draftOf(path);
  if (Buffer.byteLength(draft) > MAX_UNIX_PATH_BYTES)
    throw Object.assign(new Error(`${draft}, under which it is made, is too long for a socket`), {
      code: 'ENAMETOOLONG',
    });
  removeStaleSocket(draft);
  return draft;
}

/** Of another socket Node tells the address. */
function mustBeUnix(server: Server): void {
  const bound = server.address();
  if (bound !== null && typeof bound === 'object')
    throw Object.assign(new Error('the socket is no Unix socket'), { code: 'EAFNOSUPPORT' });
}

function legOf(socket: Socket, accountOf: AccountOf): StreamLeg {
  const descriptor = descriptorOf(socket);
  const uid = descriptor === undefined ? undefined : accountOf(descriptor);
  return new StreamLeg(
    { stream: socket, reset: () => resetNow(socket) },
    { ip: ipOfUnixClient(uid), port: 0 },
    { ip: LOOPBACK_IPV4, port: 0 },
  );
}
