// Sessions over every transport, as far as wire.test.ts cannot show it: time, limits, resets.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import test from 'ava';
import { policy, section } from '../support/policy.ts';
import { dialWire } from '../support/sockets.ts';
import { startServer } from '../support/server.ts';
import { transports } from '../support/transports.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const port16 = (port: number) => port.toString(16).padStart(4, '0');

/** Echoes and answers FIN with FIN. */
const echo = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
let echoPort = 0;

test.before(async () => {
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  echoPort = (echo.address() as AddressInfo).port;
});

test.after.always(() => echo.close());

const bytesOf = (text: string) => hex(text.replaceAll('PPPP', port16(echoPort)));

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: V5-20: success is not sent before the connection exists`, async (t) => {
    const server = await startServer(transport, { connectTimeoutMs: 300 });
    t.teardown(() => server.stop());
    const silent = await fullBacklog();
    t.teardown(silent.close);
    const wire = await dialWire(server.port);
    wire.send(hex(`05 01 00  05 01 00 01 7f000001 ${port16(silent.port)}`));
    t.is((await wire.rest()).toString('hex'), '0500' + '05060001000000000000');
    t.is((await server.event('refused')).fault.code, 'CONNECT_TIMEOUT');
  });

  test(`${name}: V4-7: SOCKS4 hears 5B at the connect timeout, and not before`, async (t) => {
    const server = await startServer(transport, { connectTimeoutMs: 300 });
    t.teardown(() => server.stop());
    const silent = await fullBacklog();
    t.teardown(silent.close);
    const wire = await dialWire(server.port);
    wire.send(hex(`04 01 ${port16(silent.port)} 7f000001 00`));
    t.is((await wire.rest()).toString('hex'), '005b000000000000');
    t.is((await server.event('refused')).fault.code, 'CONNECT_TIMEOUT');
  });

  test(`${name}: a handshake that takes too long ends without bytes`, async (t) => {
    for (const start of ['', '05', '05 01 00', '04', '04 01 0050 7f000001 61', '04 01 0050 00000001 00 61']) {
      const server = await startServer(transport, { handshakeTimeoutMs: 150 });
      t.teardown(() => server.stop());
      const wire = await dialWire(server.port);
      wire.send(hex(start));
      t.is((await wire.rest()).toString('hex'), start === '05 01 00' ? '0500' : '');
    }
  });

  test(`${name}: a password check that outlasts the handshake ends with a status`, async (t) => {
    const changes = {
      policy: policy({ hasUsers: true }),
      checkLogin: () => new Promise<never>(() => undefined),
    };
    const server = await startServer(transport, { ...changes, handshakeTimeoutMs: 1000 });
    t.teardown(() => server.stop());
    const wire = await dialWire(server.port);
    wire.send(hex('05 01 02  01 01 61 01 62'));
    t.is((await wire.rest()).toString('hex'), '05020101');
    t.is((await server.event('refused')).fault.code, 'HANDSHAKE_TIMEOUT');
  });

  test(`${name}: a client that resets while the target is dialled frees everything`, async (t) => {
    const server = await startServer(transport);
    t.teardown(() => server.stop());
    const silent = await fullBacklog();
    t.teardown(silent.close);
    const wire = await dialWire(server.port);
    wire.send(hex(`05 01 00  05 01 00 01 7f000001 ${port16(silent.port)}`));
    await wire.take(2);
    wire.socket.resetAndDestroy();
    t.is((await server.event('refused')).fault.code, 'PEER_RESET');
    await server.server.registry.emptied();
    t.is(server.server.registry.size, 0);
  });

  test(`${name}: a client beyond maxSessions is closed, the others go on`, async (t) => {
    const server = await startServer(transport, { maxSessions: 1 });
    t.teardown(() => server.stop());
    const first = await dialWire(server.port);
    first.send(bytesOf('05 01 00  05 01 00 01 7f000001 PPPP 2a'));
    t.is((await first.take(13))[12], 0x2a);
    t.is(await endingOf(server.port), 'reset');
    t.is((await server.event('turnedAway')).fault.code, 'SESSIONS_FULL');
    first.send(hex('2b'));
    t.is((await first.take(1))[0], 0x2b);
    first.socket.end();
    await server.event('ended');
    const third = await dialWire(server.port);
    third.send(hex('05 01 00'));
    t.is((await third.take(2)).toString('hex'), '0500');
  });

  test(`${name}: the request rules and the guard are asked for the address that is dialled`, async (t) => {
    const rules = section('', { request: '!connect:127.0.0.1 connect:*' });
    const server = await startServer(transport, { policy: policy({ rules }) });
    t.teardown(() => server.stop());
    const wire = await dialWire(server.port);
    wire.send(bytesOf('05 01 00  05 01 00 03 09 6c6f63616c686f7374 PPPP'));
    const answer = (await wire.rest()).toString('hex').slice(4);
    t.true(['05020001000000000000', '05050001000000000000'].includes(answer), answer);
    const direct = await dialWire(server.port);
    direct.send(bytesOf('05 01 00  05 01 00 01 7f000001 PPPP'));
    t.is((await direct.rest()).toString('hex').slice(4), '05020001000000000000');
    t.is((await server.event('refused')).kind, 'refused');
  });

  test(`${name}: stop() waits for sessions, then cuts them`, async (t) => {
    const server = await startServer(transport);
    const wire = await dialWire(server.port);
    wire.send(bytesOf('05 01 00  05 01 00 01 7f000001 PPPP 2a'));
    await wire.take(13);
    const stopped = server.server.stop(1000);
    wire.send('still relayed');
    t.is((await wire.take(13)).toString(), 'still relayed');
    await stopped;
    t.is(await wire.ending(), 'reset');
    t.is((await server.event('ended')).endedBy, 'cut');
    await server.stop();
  });
}

/** How a client that greets is sent away; the reset may come before connect(2) has returned. */
async function endingOf(port: number): Promise<'fin' | 'reset'> {
  try {
    const wire = await dialWire(port);
    wire.send(hex('05 01 00'));
    return await wire.ending();
  } catch {
    return 'reset';
  }
}

/** A listener whose backlog is full: a further SYN gets no answer. */
async function fullBacklog(): Promise<{ port: number; close: () => void }> {
  const { spawn } = await import('node:child_process');
  const script = [
    'import socket,sys,time',
    's=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(0)',
    'c=[socket.socket() for _ in range(4)]',
    'for x in c: x.setblocking(False); x.connect_ex(s.getsockname())',
    'time.sleep(0.2)',
    'print(s.getsockname()[1],flush=True)',
    'sys.stdin.read()',
  ].join('\n');
  const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(line.toString()), close: () => child.kill() };
}
