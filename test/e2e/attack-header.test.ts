// Connections from the address of a balancer that never send their header, beside a client whose header comes.
import test from 'ava';
import { startDaemon } from '../support/daemon.ts';
import { dialWire, type Wire } from '../support/sockets.ts';

const SILENT = 200;
const HEADER = 'PROXY TCP4 10.0.0.7 192.0.2.1 4242 1080\r\n';

async function greet(port: number): Promise<string> {
  const wire = await dialWire(port);
  wire.send(`${HEADER}\x05\x01\x00`);
  const answer = (await wire.take(2)).toString('hex');
  wire.socket.destroy();
  return answer;
}

test('headers that never end are ended after 5 s, in one record, and clients with a header do not wait', async (t) => {
  const daemon = await startDaemon(t, ['--proxy-protocol', '127.0.0.1']);
  const silent: Wire[] = [];
  for (let count = 0; count < SILENT; count++) {
    const wire = await dialWire(daemon.port);
    wire.send('PROXY TCP4 ');
    silent.push(wire);
  }
  t.is(await greet(daemon.port), '0500');
  const ends = await Promise.all(silent.map((wire) => wire.ending()));
  t.deepEqual(new Set(ends), new Set(['reset']));
  t.regex(await daemon.line(/ turned-away /), /client=127\.0\.0\.1:.* why=HANDSHAKE_TIMEOUT .*header/);
  t.is(await greet(daemon.port), '0500');
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  const counts = daemon.lines
    .filter((line) => line.includes(' turned-away '))
    .map((line) => /count=(\d+)/.exec(line)?.[1]);
  t.is(
    counts.reduce((sum, count) => sum + Number(count), 0),
    SILENT,
  );
});
