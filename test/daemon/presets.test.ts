// The rules that are shipped in etc/presets, as a configuration includes them.
import { readFileSync, readdirSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes, type Ip } from '../../src/base/ip.ts';
import { loadConfig } from '../../src/config/reading/load.ts';
import { explain } from '../../src/daemon/ask/explain.ts';
import { ANONYMOUS } from '../../src/policy/identity.ts';
import { compilePolicy } from '../../src/policy/rules/policy.ts';
import { admitRequest } from '../../src/policy/rules/rules.ts';
import { zoneOf } from '../../src/policy/rules/zones.ts';
import { configOf, problemsOf } from '../support/configuration.ts';
import { hereAt } from '../support/here.ts';
import { ip } from '../support/ip.ts';

const FOLDER = new URL('../../etc/presets/', import.meta.url);

function withPresets(...lines: readonly string[]) {
  const text = lines.map((line) => (line.endsWith('.conf') ? `include = presets/${line}` : line)).join('\n');
  const readFile = (file: string): string =>
    file === '/etc/p/main.conf'
      ? text
      : readFileSync(new URL(file.replace('/etc/p/presets/', ''), FOLDER), 'utf8');
  const loaded = loadConfig(['-c', '/etc/p/main.conf'], readFile);
  if (problemsOf(loaded).length > 0) throw new Error(problemsOf(loaded).join('\n'));
  return configOf(loaded);
}

/** Request of a client on this host, and whether it is allowed. */
const CASES: Readonly<Record<string, readonly (readonly [request: string, isAllowed: boolean])[]>> = {
  'no-smtp.conf': [
    ['connect mail.example:25', false],
    ['connect 192.0.2.1:587', false],
    ['connect www.example:80', true],
  ],
  'web-only.conf': [
    ['connect www.example:443', true],
    ['connect 192.0.2.1:22', false],
    ['bind 192.0.2.1:80', false],
  ],
  'no-private.conf': [
    ['connect 10.0.0.1:80', false],
    ['connect printer.local:80', false],
    ['connect www.example:80', true],
  ],
};

test('every preset is tested', (t) => {
  t.deepEqual(Object.keys(CASES).sort(), readdirSync(FOLDER).sort());
});

for (const [preset, requests] of Object.entries(CASES)) {
  for (const [request, isAllowed] of requests) {
    test(`${preset} ${isAllowed ? 'allows' : 'denies'} ${request}`, async (t) => {
      const config = withPresets(preset, ...(preset === 'web-only.conf' ? [] : ['request = all:*']));
      const users = { byName: new Map() };
      const { text, status } = await explain(`client=127.0.0.1 ${request}`, { config, users });
      t.is(status, isAllowed ? 0 : 1, text);
      if (preset !== 'web-only.conf' && !isAllowed) t.regex(text, /presets\/[a-z-]+\.conf:\d+/);
    });
  }
}

test('presets that deny can be joined', async (t) => {
  const config = withPresets('no-smtp.conf', 'no-private.conf', 'web-only.conf');
  const users = { byName: new Map() };
  const statusOf = async (request: string) =>
    (await explain(`client=127.0.0.1 ${request}`, { config, users })).status;
  t.is(await statusOf('connect 192.0.2.1:443'), 0);
  t.is(await statusOf('connect 192.168.0.1:443'), 1);
  t.is(await statusOf('connect 192.0.2.1:25'), 1);
});

test('no-private.conf denies every address that is not public, and no other IPv4 address', (t) => {
  const policy = compilePolicy({
    ...withPresets('no-private.conf', 'request = all:*'),
    hasUsers: false,
    here: hereAt(),
    now: () => new Date(),
  });
  const verdict = (to: Ip) => {
    const destination = { kind: 'ip', ip: to, port: 80 } as const;
    const asking = { identity: ANONYMOUS, client: ip('127.0.0.1'), command: 'connect', destination } as const;
    return admitRequest(policy, asking, to).verdict;
  };
  const ipv4 = fc
    .tuple(
      fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 224, 255),
      fc.nat(255),
      fc.nat(255),
      fc.nat(255),
    )
    .chain((bytes) =>
      fc.constantFrom(
        bytes,
        [bytes[0], 168, 1, 1],
        [bytes[0], 254, 1, 1],
        [bytes[0], 18, 0, 1],
        [bytes[0], 0, 0, 9],
      ),
    );
  const carrier = fc.constantFrom('64:ff9b::', '::', '::ffff:0:', '::ffff:');
  const addresses = fc.oneof(
    ipv4.map((bytes) => ipFromBytes(Uint8Array.from(bytes))),
    fc.tuple(carrier, ipv4).map(([prefix, bytes]) => ip(`${prefix}${bytes.join('.')}`)),
    fc
      .tuple(
        fc.constantFrom(
          '2002:a00:1',
          'fc00',
          'fe80',
          'fec0',
          'ff02',
          '5f00',
          '100',
          '2001:2',
          '64:ff9b:1',
          '2a00',
        ),
        fc.nat(0xffff),
      )
      .map(([prefix, last]) => ip(`${prefix}::${last.toString(16)}`)),
  );
  fc.assert(
    fc.property(addresses, (address) => {
      if (zoneOf(address, hereAt()) !== 'public') t.is(verdict(address), 'deny', address);
      else if (!address.includes(':')) t.is(verdict(address), 'allow', address);
    }),
    { numRuns: 3000 },
  );
});
