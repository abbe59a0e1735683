// The built library in whatever runtime runs this file: a server, its clients and targets in one process. Prints a line for each thing
// that works, `FAIL` with a reason for one that does not. Plain JavaScript of node:net and node:dgram, so that every runtime takes it.
import { Buffer } from 'node:buffer';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer as createTcpServer } from 'node:net';
import process from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';

const { createServer } = await import(process.argv[2]);
/** Of one step. */
const LIMIT_MS = 20_000;
const HOST = '127.0.0.1';

const echo = createTcpServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
}).listen(0, HOST);
await once(echo, 'listening');

const events = [];
const server = createServer({
  authenticate: (user, password) => Promise.resolve(`${user}:${password}` === 'alice:secret'),
  decide: (_session, { port }) => (port === 26 ? Promise.reject(new Error('down')) : port !== 25),
  limits: ['client sessions=20'],
  onEvent: ({ kind, fault }) => events.push(fault === undefined ? kind : `${kind}:${fault.code}`),
});
const { port } = await server.listen(0, HOST);
const plain = createServer({ dial: ({ ip, port }) => connect(port, ip), resolve: () => [HOST] });
const { port: plainPort } = await plain.listen(0, HOST);

await step('connect', async () => {
  const client = await open(port, [1, HOST, echo.address().port], 'secret');
  client.socket.write('hello');
  same((await client.take(5)).toString(), 'hello');
  client.socket.end('bye');
  same((await client.rest()).toString(), 'bye');
});
await step('wrong password', () => fails(open(port, [1, HOST, 80], 'wrong'), 'status 1'));
await step('decide', () => fails(open(port, [1, HOST, 25], 'secret'), 'rep 2'));
await step('failing', () => fails(open(port, [1, HOST, 26], 'secret'), 'rep 2'));
await step('refused', () => fails(open(port, [1, HOST, 1], 'secret'), 'rep 5'));
await step('bulk', async () => {
  const client = await open(port, [1, HOST, echo.address().port], 'secret');
  const sent = Buffer.alloc(2 * 1_048_576, 'picosocks5');
  client.socket.end(sent);
  same(Buffer.compare(await client.rest(), sent), 0);
});
await step('reset', async () => {
  const breaking = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.resetAndDestroy());
  }).listen(0, HOST);
  await once(breaking, 'listening');
  const client = await open(port, [1, HOST, breaking.address().port], 'secret');
  client.socket.write('hello');
  same(
    await client.rest().then(
      () => 'fin',
      (error) => error.message,
    ),
    'error',
  );
  breaking.close();
});
await step('dial', async () => {
  const client = await open(plainPort, [1, HOST, echo.address().port]);
  client.socket.end('hello');
  same((await client.rest()).toString(), 'hello');
});
await step('bind', async () => {
  const client = await open(plainPort, [2, HOST, 0]);
  const peer = connect(client.bound.port, client.bound.ip).on('error', () => undefined);
  await once(peer, 'connect');
  await client.reply();
  peer.end('from outside');
  same((await client.rest()).toString(), 'from outside');
});
await step('udp', async () => {
  const target = await udp();
  target.on('message', (bytes, { address, port }) => target.send(bytes, port, address));
  const mine = await udp();
  const client = await open(plainPort, [3, '0.0.0.0', 0]);
  const { port } = target.address();
  const header = Buffer.from([0, 0, 0, 1, 127, 0, 0, 1, port >> 8, port & 255]);
  // More than may wait at a time, so that a runtime that never says what it has sent would be found out.
  for (let sent = 0; sent < 40; sent++) {
    const payload = Buffer.alloc(50_000, sent);
    mine.send(Buffer.concat([header, payload]), client.bound.port, HOST);
    const [answer] = await once(mine, 'message');
    same(Buffer.compare(answer.subarray(10), payload), 0);
  }
  client.socket.destroy();
  for (const socket of [mine, target]) socket.close();
});
await step('accept', async () => {
  const door = createTcpServer((socket) => plain.accept(socket)).listen(0, HOST);
  await once(door, 'listening');
  const client = await open(door.address().port, [1, HOST, echo.address().port]);
  client.socket.end('hello');
  same((await client.rest()).toString(), 'hello');
  door.close();
});
await step('kick', async () => {
  const client = await open(port, [1, HOST, echo.address().port], 'secret');
  const { id } = server.sessions().find(({ user }) => user === 'alice');
  same(server.kick(id), true);
  await client.rest().catch(() => undefined);
});
await step('update', async () => {
  plain.update({ request: '!connect:*' });
  await fails(open(plainPort, [1, HOST, 80]), 'rep 2');
});
await step('close', async () => {
  await Promise.all([server.close(), plain.close()]);
  same(server.sessionCount, 0);
});
await step('events', () => {
  same(events.includes('refused:REQUEST_DENIED') && events.includes('ended'), true);
});
echo.close();
process.exit(0);

async function step(name, run) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('hangs')), LIMIT_MS)));
  try {
    await Promise.race([run(), late]);
    console.log(name);
  } catch (error) {
    console.log(`FAIL ${name}: ${error.message}`);
  }
  clearTimeout(timer);
}

function same(given, wanted) {
  if (given !== wanted) throw new Error(`${JSON.stringify(given)} in the place of ${JSON.stringify(wanted)}`);
}

async function fails(work, message) {
  same(
    await work.then(
      () => 'no failure',
      (error) => error.message,
    ),
    message,
  );
}

async function udp() {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return socket;
}

/** A client that has had the first reply. */
async function open(proxy, [command, host, to], password) {
  const socket = connect({ port: proxy, host: HOST, allowHalfOpen: true });
  await once(socket, 'connect');
  const client = reader(socket);
  const method = password === undefined ? 0 : 2;
  socket.write(Buffer.from([5, 1, method]));
  same((await client.take(2))[1], method);
  if (method === 2) {
    socket.write(Buffer.from([1, 5, ...Buffer.from('alice'), password.length, ...Buffer.from(password)]));
    const [, status] = await client.take(2);
    if (status !== 0) throw new Error(`status ${status}`);
  }
  socket.write(Buffer.from([5, command, 0, 1, ...host.split('.').map(Number), to >> 8, to & 255]));
  client.reply = async () => {
    const bytes = await client.take(10);
    if (bytes[1] !== 0) throw new Error(`rep ${bytes[1]}`);
    return { ip: bytes.subarray(4, 8).join('.'), port: bytes.readUInt16BE(8) };
  };
  client.bound = await client.reply();
  return client;
}

function reader(socket) {
  let kept = Buffer.alloc(0);
  let ended;
  let wake = () => undefined;
  socket.on('data', (bytes) => {
    kept = Buffer.concat([kept, bytes]);
    wake();
  });
  for (const event of ['end', 'error', 'close'])
    socket.on(event, () => {
      ended ??= event;
      wake();
    });
  const until = async (isThere) => {
    while (!isThere()) {
      if (ended !== undefined) throw new Error(ended);
      await new Promise((resolve) => (wake = resolve));
    }
  };
  return {
    socket,
    take: async (size) => {
      await until(() => kept.length >= size);
      const taken = kept.subarray(0, size);
      kept = kept.subarray(size);
      return taken;
    },
    rest: async () => {
      await until(() => ended === 'end');
      return kept;
    },
  };
}
