// A target that sends to each connection until that ends.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

const CHUNK = Buffer.alloc(65_536);

export interface Fountain {
  readonly port: number;
  /** Settles once `count` clients get no more: none of them has taken a byte for 300 ms. */
  stuck(count: number): Promise<void>;
}

/** Ends with the test. */
export async function startFountain(t: ExecutionContext): Promise<Fountain> {
  const sockets = new Set<Socket>();
  let lastTaken = performance.now();
  const pour = (socket: Socket): void => {
    lastTaken = performance.now();
    while (socket.writable && socket.write(CHUNK));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('drain', () => pour(socket));
    pour(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stuck(count) {
      while (sockets.size < count || performance.now() - lastTaken < 300) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
