import test, { type ExecutionContext } from 'ava';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { openRemoteSyslog, type RemoteTarget } from '../../src/observe/syslog/remotesyslog.ts';
import { droppedLine, longestGap, textLine } from '../support/logline.ts';

const HEADER = '[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\S+ picosocks5\\[42\\]: ';

async function openSink(t: ExecutionContext, protocol: 'udp' | 'tcp', port: number, host = '127.0.0.1') {
  const warnings: string[] = [];
  const target: RemoteTarget = { kind: 'remote', protocol, host, port };
  const warn = (sentence: string) => void warnings.push(sentence);
  const sink = await openRemoteSyslog(target, 'picosocks5[42]', droppedLine, warn);
  t.teardown(() => sink.close());
  return { sink, warnings };
}

/** A syslog server over TCP: the lines that came, and the connections. */
async function serveTcp(port: number) {
  const lines: string[] = [];
  const sockets: Socket[] = [];
  let changed: () => void = () => undefined;
  const server = createServer((socket) => {
    sockets.push(socket);
    createInterface({ input: socket }).on('line', (line) => {
      lines.push(line);
      changed();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    lines,
    port: (server.address() as AddressInfo).port,
    async until(count: number) {
      while (lines.length < count) await new Promise<void>((settle) => (changed = settle));
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

test('each record is one UDP datagram in the form of RFC 3164', async (t) => {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { sink, warnings } = await openSink(t, 'udp', server.address().port);
  const datagrams: string[] = [];
  server.on('message', (bytes) => datagrams.push(bytes.toString()));
  for (const level of ['err', 'debug'] as const) {
    const arrived = once(server, 'message');
    sink.write(textLine('x user="a\\n<8>b"', level));
    await arrived;
  }
  t.regex(datagrams[0]!, new RegExp(`^<27>${HEADER}x user="a\\\\n<8>b"\\n$`));
  t.regex(datagrams[1]!, new RegExp(`^<31>${HEADER}x user=`));
  t.deepEqual(warnings, []);
});

test('each record is one line over TCP, and a server that restarts gets what waited', async (t) => {
  const first = await serveTcp(0);
  const { sink, warnings } = await openSink(t, 'tcp', first.port);
  sink.write(textLine('first=1', 'notice'));
  await first.until(1);
  t.regex(first.lines[0]!, new RegExp(`^<29>${HEADER}first=1$`));
  await first.close();
  // The first write into a connection that the server has closed may still seem to work: TCP has no receipts.
  while (warnings.length === 0) {
    sink.write(textLine('probe'));
    await new Promise((settle) => setTimeout(settle, 5));
  }
  sink.write(textLine('second=1'));
  const second = await serveTcp(first.port);
  t.teardown(() => second.close());
  while (!second.lines.some((line) => line.endsWith('second=1'))) await second.until(second.lines.length + 1);
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /^cannot log to tcp:127\.0\.0\.1:\d+: .*; trying again/);
  await t.notThrowsAsync(sink.drained());
});

test('a TCP server that does not read holds nothing up', async (t) => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  server.on('connection', (socket) => t.teardown(() => void socket.destroy()));
  const { sink } = await openSink(t, 'tcp', (server.address() as AddressInfo).port);
  const gap = await longestGap(async () => {
    for (let at = 0; at < 20_000; at++) {
      sink.write(textLine('x'.repeat(1900)));
      if (at % 100 === 0) await new Promise(setImmediate);
    }
  });
  t.true(gap < 1000, `${gap} ms`);
});

test('a name that does not resolve is reported once and does not reject', async (t) => {
  const { sink, warnings } = await openSink(t, 'udp', 514, 'no-such-host.invalid');
  sink.write(textLine('kept'));
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /^cannot log to udp:no-such-host\.invalid:514: .*(ENOTFOUND|EAI_AGAIN)/);
});
