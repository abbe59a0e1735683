// A download that its server breaks off is never whole for curl, however much was under way.
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';

/** Sends a page without a length, so that only its end says whether it is whole. */
async function brokenPage(t: ExecutionContext): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n');
      socket.write(Buffer.alloc(8 * 1024 * 1024, 'z'), () => socket.resetAndDestroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

for (const transport of ['engine', 'streams']) {
  test(`${transport}: a download that RST cuts off never ends with status 0`, async (t) => {
    const page = await brokenPage(t);
    const { port } = await startDaemon(t, ['--transport', transport]);
    const one = () =>
      run([
        ...['curl', '-s', '--noproxy', '', '--max-time', '20', '-o', '/dev/null'],
        ...['--socks5', `127.0.0.1:${port}`, `http://127.0.0.1:${page}/`],
      ]);
    const statuses = [];
    for (let round = 0; round < 2; round++) {
      const ended = await Promise.all(Array.from({ length: 5 }, one));
      statuses.push(...ended.map(({ status }) => status));
    }
    t.deepEqual(statuses, Array<number>(10).fill(56));
  });
}
