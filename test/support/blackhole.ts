// A destination from which nothing ever comes back: its queue of connections is full, so the kernel drops each SYN.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

/** Node accepts by itself; python3 listens and does not. */
const FULL_QUEUE = `
import socket, sys
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(0)
filler = socket.create_connection(listener.getsockname())
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
`;

/** Its port on 127.0.0.1; it goes away with the test. */
export async function blackHole(t: ExecutionContext): Promise<number> {
  const child = spawn('python3', ['-c', FULL_QUEUE], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(port.toString());
}
