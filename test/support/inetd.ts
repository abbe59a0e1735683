// A small inetd(8): the program is started for each client, with the connection as its three standard descriptors.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';

export interface Inetd {
  readonly port: number;
  /** The exit status of the process of the next client that has none yet. */
  readonly exited: () => Promise<number | string>;
  readonly children: readonly ChildProcess[];
}

/** `command` for each client on a loopback port, until the test ends. */
export async function startInetd(t: ExecutionContext, command: readonly string[]): Promise<Inetd> {
  const children: ChildProcess[] = [];
  const statuses: Promise<number | string>[] = [];
  const waiting: ((status: Promise<number | string>) => void)[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn(command[0]!, command.slice(1), { stdio: [socket, socket, socket] });
    // The child has its own copy; without a shutdown the connection stays.
    socket.destroy();
    children.push(child);
    const status = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    const next = waiting.shift();
    if (next === undefined) statuses.push(status);
    else next(status);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const child of children) child.kill('SIGKILL');
  });
  return {
    port: (server.address() as AddressInfo).port,
    children,
    exited: () => {
      const status = statuses.shift();
      return (
        status ?? new Promise((resolve) => waiting.push(resolve)).then((each) => each as number | string)
      );
    },
  };
}
