// --convert: a sockd.conf as an operator has it, and whether the real Dante decides as what comes out of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { convertFile } from '../../src/daemon/ask/convert.ts';
import { explain } from '../../src/daemon/ask/explain.ts';
import { configOf, loadFile, problemsOf } from '../support/configuration.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { dialWire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';
import { startDante } from '../support/upstreams.ts';

function convert(text: string, folder: string) {
  writeFileSync(join(folder, 'sockd.conf'), text);
  const complaints: string[] = [];
  const { text: converted, status } = convertFile('sockd.conf', folder, (line) => complaints.push(line));
  return { converted, status, complaints };
}

test('a file that is carried over whole ends with 0 and without a word', (t) => {
  const { converted, status, complaints } = convert(
    'internal: lo port = socks\nexternal: lo\nsocksmethod: none\nclient pass { from: 0/0 to: 0/0 }\n',
    temporaryFolder(t),
  );
  t.deepEqual(complaints, []);
  t.is(status, 0);
  t.true(converted.includes('listen = @lo:1080\n'), converted);
  t.true(converted.includes('source = 127.0.0.1,::1\n') || converted.includes('source = 127.0.0.1\n'));
  t.deepEqual(problemsOf(loadFile(converted)), []);
});

test('what is left is told with its line, and ends with 1', (t) => {
  const { status, complaints } = convert('# a comment\nsrchost: nodnsmismatch\n', temporaryFolder(t));
  t.is(status, 1);
  t.regex(complaints[0] ?? '', /^sockd\.conf:2: srchost: /);
  t.regex(complaints[1] ?? '', /^one thing was not carried over/);
});

test('a file that cannot be read ends with 78', (t) => {
  const missing = () => convertFile('none.conf', temporaryFolder(t), () => undefined);
  t.throws(missing, { message: 'none.conf: cannot be read: no such file or directory' });
});

const CLIENTS = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'];
const TARGETS = ['127.0.1.1', '127.0.1.200', '127.0.2.1'];
/** Nobody listens there on those addresses. */
const PORTS = [1, 3];

const from = fc.constantFrom(
  '0/0',
  '0.0.0.0/0',
  '127.0.0.1/32',
  '127.0.0.2/31',
  '127.0.0.0/30',
  '10.0.0.0/8',
);
const to = fc.constantFrom(
  ...[
    '0/0',
    '0.0.0.0/0',
    '::/0',
    '127.0.1.0/24',
    '127.0.1.1/32',
    '127.0.1.128/25',
    '127.0.1.77/25',
    'lo',
    '127.0.2.0/23',
  ],
);
const port = fc.constantFrom(
  ...['', '', 'port = 1', 'port eq 3', 'port != 1', 'port ge 2', 'port < 3', 'port 1-2', 'port gt tcpmux'],
);
const extra = fc.constantFrom(
  ...[
    '',
    'command: connect',
    'command: bind connect',
    'command: bind',
    'protocol: tcp',
    'protocol: udp',
    'log: error',
  ],
);
const verdict = fc.constantFrom('pass', 'pass', 'block');
const clientRule = fc
  .tuple(verdict, from)
  .map(([word, source]) => `client ${word} { from: ${source} to: 0/0 }`);
const socksRule = fc
  .tuple(verdict, from, to, port, extra)
  .map(
    ([word, source, place, ports, more]) =>
      `socks ${word} { from: ${source} to: ${place} ${ports}\n${more}\n}`,
  );
const rules = fc
  .tuple(fc.array(clientRule, { maxLength: 2 }), fc.array(socksRule, { minLength: 2, maxLength: 6 }))
  .map(([clients, requests]) => [...clients, 'client pass { from: 127.0.0.0/30 to: 0/0 }', ...requests]);

/** `SEED=n npx ava ...` plays others. */
const SEED = Number(process.env['SEED'] ?? 2);

/** Every client asks for each target at each port. */
const REQUESTS = CLIENTS.flatMap((client) =>
  TARGETS.flatMap((target) => PORTS.map((at) => ({ client, target, at }))),
);

/** What Dante says: no answer to the greeting, REP 02, or anything else, where it has tried. */
async function decisionOfDante(
  proxy: number,
  { client, target, at }: (typeof REQUESTS)[number],
): Promise<boolean> {
  const wire = await dialWire(proxy, '127.0.0.1', client);
  try {
    await enter(wire);
  } catch {
    wire.socket.destroy();
    return false;
  }
  wire.send(Uint8Array.of(5, 1, 0, 1, ...target.split('.').map(Number), at >> 8, at & 0xff));
  const reply = await wire.take(10);
  wire.socket.destroy();
  return reply[1] !== 2;
}

for (const [index, lines] of fc.sample(rules, { seed: SEED, numRuns: 6 }).entries()) {
  test(`Dante decides as the converted rules do (${index + 1} of seed ${SEED})`, async (t) => {
    const text = ['internal: 127.0.0.1', 'external: 127.0.0.1', 'socksmethod: none', ...lines].join('\n');
    const { converted } = convert(text, temporaryFolder(t));
    const config = configOf(loadFile(converted));
    const proxy = await startDante(t, lines);
    for (const request of REQUESTS) {
      const { client, target, at } = request;
      const asked = `client=${client} connect ${target}:${at}`;
      const ours = await explain(asked, { config, users: { byName: new Map() } });
      const wanted = await decisionOfDante(proxy, request);
      t.is(ours.status === 0, wanted, `${asked}\n${lines.join('\n')}\n${ours.text}`);
    }
  });
}
