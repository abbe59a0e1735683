import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readEphemeralPorts } from '../../src/net/native/ephemeralports.ts';
import { openInRange } from '../../src/net/ports.ts';

function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ports-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('readEphemeralPorts() reads what the kernel says, and what it reserves', (t) => {
  const folder = folderWith(t, {
    ip_local_port_range: '32768\t60999\n',
    ip_local_reserved_ports: '40000,50000-50009\n',
  });
  t.deepEqual(readEphemeralPorts(folder), {
    low: 32_768,
    high: 60_999,
    reserved: [
      { low: 40_000, high: 40_000 },
      { low: 50_000, high: 50_009 },
    ],
  });
});

test('readEphemeralPorts() takes the dynamic ports of RFC 6335 where the kernel says nothing', (t) => {
  const dynamic = { low: 49_152, high: 65_535, reserved: [] };
  t.deepEqual(readEphemeralPorts('/nonexistent'), dynamic);
  const folder = folderWith(t, { ip_local_port_range: 'none\n', ip_local_reserved_ports: '\n' });
  t.deepEqual(readEphemeralPorts(folder), dynamic);
});

test('openInRange() gives an ephemeral port that is wanted, unless it is reserved, and else leaves the choice', async (t) => {
  const ports = { low: 32_768, high: 60_999, reserved: [{ low: 50_000, high: 50_009 }] };
  const open = (port: number) => Promise.resolve(port);
  t.is(await openInRange(ports, 40_000, open), 40_000);
  for (const wanted of [0, 21, 8080, 32_767, 61_000, 50_000, 50_009]) {
    t.is(await openInRange(ports, wanted, open), 0, String(wanted));
  }
});
