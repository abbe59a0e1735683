// Floods of datagrams into one association are not felt in another.
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '../../src/base/ip.ts';
import { datagram, openAssociation, type Associated } from '../support/associations.ts';
import { p99Of } from '../support/bystander.ts';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { cpuMs, descriptorsOf, residentBytes, untilGivenBack } from '../support/footprint.ts';
import { at } from '../support/legs.ts';
import { udpPeer } from '../support/udp.ts';
import { udpFlood, type UdpFlood } from '../support/udpflood.ts';

const LIMIT_MS = 250;
const FORBIDDEN = at(7, '127.0.0.99');
/** Too short, a reserved byte that is not 0, an unknown ATYP, a name that is cut off, a fragment, port 0; and a forbidden one. */
const RUBBISH = [
  Uint8Array.of(0),
  Uint8Array.of(0, 1, 0, 1, 127, 0, 0, 1, 0, 7),
  Uint8Array.of(0, 0, 0, 9, 127, 0, 0, 1, 0, 7),
  Uint8Array.of(0, 0, 0, 3, 200, 0x78),
  Uint8Array.of(0, 0, 1, 1, 127, 0, 0, 1, 0, 7),
  datagram('', at(0)),
  datagram('x'.repeat(100), FORBIDDEN),
];

interface Scene {
  readonly daemon: Daemon;
  readonly honest: Associated;
  readonly echo: Endpoint;
}

async function scene(t: ExecutionContext): Promise<Scene> {
  const echo = await udpPeer(t);
  echo.socket.on('message', (bytes, { port, address }) => echo.socket.send(bytes, port, address));
  const rules = ['--request', '!assoc:127.0.0.99', '--request', 'all:*'];
  const daemon = await startDaemon(t, rules);
  const honest = await openAssociation(t, daemon.port);
  return { daemon, honest, echo: echo.local };
}

/** p99 of echoes while `flood` runs into the port of an association; UDP may lose, so each echo is asked for until it comes. */
async function p99During({ honest, echo }: Scene, flood: UdpFlood, port: number): Promise<number> {
  await flood.begin(port);
  let lost = 0;
  const echoOnce = async (): Promise<void> => {
    const again = setInterval(() => void (lost++, honest.send('again', echo)), 1000);
    await honest.send('once', echo);
    await honest.answer();
    clearInterval(again);
  };
  const p99 = await p99Of(echoOnce, { samples: 100, limitMs: LIMIT_MS });
  if (lost > 3) throw new Error(`${lost} echoes were lost`);
  return p99;
}

test.serial(
  'malformed and forbidden datagrams of one client are counted, and not felt by another',
  async (t) => {
    const { daemon, ...others } = await scene(t);
    const before = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon), cpu: cpuMs(daemon) };
    const flood = await udpFlood(t, '127.0.0.1', RUBBISH);
    const announced = (): Uint8Array => Uint8Array.of(1, 0, 0, 0, 0, flood.port >> 8, flood.port & 0xff);
    const attacker = await openAssociation(t, daemon.port, { announced });
    const p99 = await p99During({ daemon, ...others }, flood, attacker.bound.port);
    const sent = await flood.end();
    const grown = residentBytes(daemon) - before.bytes;
    attacker.wire.socket.destroy();
    const { dropped, total } = droppedOf(await daemon.line(/ ended .*dropped=/));
    others.honest.wire.socket.destroy();
    await untilGivenBack(daemon, before.descriptors - 1);

    const micros = Math.round(((cpuMs(daemon) - before.cpu) * 1000) / total);
    t.log(
      `${sent} datagrams, ${dropped}, ${micros} us CPU each; p99 of echoes of another client ${p99.toFixed(1)} ms, ` +
        `${Math.round(grown / 1024)} KiB more memory`,
    );
    t.regex(dropped, /^(?=.*malformed:\d)(?=.*fragment:\d)(?=.*denied:\d)/);
    t.true(total > 1000, 'the flood came through to us');
    t.true(grown < 32 * 1_048_576, `${grown} bytes more`);
    t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
  },
);

test.serial(
  'strangers who flood the port of an association are not felt by others, and hear nothing',
  async (t) => {
    const { daemon, ...others } = await scene(t);
    const victim = await openAssociation(t, daemon.port);
    const flood = await udpFlood(t, '127.0.0.66', [datagram('x'.repeat(100), others.echo)]);
    const p99 = await p99During({ daemon, ...others }, flood, victim.bound.port);
    const sent = await flood.end();
    victim.wire.socket.destroy();
    const { dropped, total } = droppedOf(await daemon.line(/ ended .*dropped=/));
    t.log(`${sent} datagrams, ${dropped}; p99 of echoes of another client ${p99.toFixed(1)} ms`);
    t.regex(dropped, /^stranger:\d+$/);
    t.true(total > 1000, 'the flood came through to us');
    t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
  },
);

function droppedOf(ended: string): { readonly dropped: string; readonly total: number } {
  const dropped = /dropped=(\S+)/.exec(ended)?.[1] ?? '';
  const counts = dropped.match(/\d+/g) ?? [];
  return { dropped, total: counts.reduce((sum, count) => sum + Number(count), 0) };
}
