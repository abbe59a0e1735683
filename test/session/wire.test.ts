// The conversations of test/wire/*.txt, whole and byte by byte, over every transport.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { SessionEvent } from '../../src/session/events.ts';
import { startDnsServer, type DnsServer } from '../support/dns.ts';
import { HAS_IPV6, withIpv6InTurn } from '../support/ipv6.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { loadWireCases, parseWireCases, type WireCase, type WireItem } from '../support/wirecases.ts';
import { snapshotOf, WIRE_ZONE } from '../support/wiresettings.ts';

/** Ports from which the echo servers were reached. */
const reachedFrom = new Set<number>();
const echoes: Server[] = [];
/** Nobody listens on port 1, and no other test can come to: a port that was free a moment ago may be taken now. */
const ports = { echo: 0, echo6: 0, closed: 1 };
let names: DnsServer;

test.before(async () => {
  ports.echo = await startEcho('127.0.0.1');
  if (HAS_IPV6) ports.echo6 = await startEcho('::1');
  names = await startDnsServer(WIRE_ZONE);
});

test.after.always(() => {
  for (const echo of echoes) echo.close();
  names.close();
});

async function startEcho(host: string): Promise<number> {
  const echo = createServer({ noDelay: true }, (socket) => {
    reachedFrom.add(socket.remotePort ?? 0);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echoes.push(echo);
  echo.listen(0, host);
  await once(echo, 'listening');
  return (echo.address() as AddressInfo).port;
}

const cases = loadWireCases();

for (const { name, create } of transports) {
  const transport = create();
  for (const pieces of ['whole', 'bytes'] as const) {
    for (const each of cases) {
      const inTurn = each.settings.includes('ipv6') ? withIpv6InTurn : test.serial;
      inTurn(`${name}: ${each.title} (${pieces})`, async (t: ExecutionContext) => {
        t.timeout(10_000);
        const server = await startServer(transport, snapshotOf(each), undefined, [names.endpoint]);
        t.teardown(() => server.stop());
        const end = endOf(server);
        const wire = await dialWire(server.port);
        t.teardown(() => wire.socket.destroy());
        await send(wire, bytesOf(each.send), pieces);
        if (clientEnds(each)) wire.socket.end();
        t.is(show(await wire.rest(), each.answer), showItems(each.answer));
        t.is(await end, each.why);
        t.is(server.events.filter(isEnd).length, 1);
      });
    }
  }
}

test('a case that cannot be read names its file and line', (t) => {
  for (const [text, complaint] of [
    ['  > 05', 'test/wire/x.txt:1: a title must stand before this line'],
    ['a\n  > 05', 'test/wire/x.txt:1: "why" is missing'],
    ['\na\n  > 5\n  why X', 'test/wire/x.txt:2: cannot read the token 5'],
    ['a\n  send 05\n  why X', 'test/wire/x.txt:1: cannot read the line "send 05"'],
    ['a\n  for 1 2\n  why X', 'test/wire/x.txt:1: a title with "for" must name {it}'],
  ] as const) {
    t.throws(() => parseWireCases('x.txt', text), { message: complaint });
  }
});

test('tokens are bytes as the README says', (t) => {
  const [only, ...others] = parseWireCases(
    'x.txt',
    'a {it}\n  for 09..0b\n  > {it} 01*2 n"ab"*2 "c d" {echo}\n  why X',
  );
  t.deepEqual(only?.send, [9, 1, 1, 2, 97, 98, 2, 97, 98, 99, 32, 100, 'echo']);
  t.deepEqual(
    others.map(({ title }) => title),
    ['x: a 0a', 'x: a 0b'],
  );
});

/** Why the one session of a server ended, past or to come. */
async function endOf(server: TestServer): Promise<string> {
  const end = await Promise.race([server.event('refused'), server.event('ended')]);
  return end.kind === 'refused' ? end.fault.code : end.endedBy;
}

function isEnd({ kind }: SessionEvent): boolean {
  return kind === 'refused' || kind === 'ended';
}

/** Otherwise the server must end the session by itself. */
function clientEnds({ why }: WireCase): boolean {
  return why === 'CLIENT_CLOSED' || (why === why.toLowerCase() && why !== 'answered');
}

function bytesOf(items: readonly WireItem[]): Buffer {
  return Buffer.from(
    items.flatMap((item) => {
      if (typeof item === 'number') return [item];
      if (item === 'any' || item === 'bound') throw new Error(`${item} cannot be sent`);
      return [ports[item] >> 8, ports[item] & 0xff];
    }),
  );
}

async function send(wire: Wire, bytes: Buffer, pieces: 'whole' | 'bytes'): Promise<void> {
  if (pieces === 'whole') wire.send(bytes);
  else for (const byte of bytes) await sendAlone(wire, byte);
}

async function sendAlone(wire: Wire, byte: number): Promise<void> {
  if (!wire.socket.writable) return;
  await new Promise((resolve) => wire.socket.write(Uint8Array.of(byte), resolve));
  await new Promise(setImmediate);
}

/** `bytes` in hex, with a placeholder where `expected` has one and the bytes fit it. */
function show(bytes: Buffer, expected: readonly WireItem[]): string {
  let at = 0;
  const shown = expected.map((item) => {
    const size = typeof item === 'number' || item === 'any' ? 1 : 2;
    const part = bytes.subarray(at, (at += size));
    return part.length === size && fits(part, item) ? showItems([item]) : part.toString('hex');
  });
  return shown.join('') + bytes.toString('hex', at);
}

function fits(part: Buffer, item: WireItem): boolean {
  if (typeof item === 'number') return part[0] === item;
  if (item === 'any') return true;
  const port = part.readUInt16BE(0);
  return item === 'bound' ? reachedFrom.has(port) : port === ports[item];
}

function showItems(items: readonly WireItem[]): string {
  return items
    .map((item) => (typeof item === 'number' ? item.toString(16).padStart(2, '0') : `{${item}}`))
    .join('');
}
