// A client on another host, that of a network namespace: what it hears for each destination.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { ipToBytes, parseIp } from '../../src/base/ip.ts';
import { mustRun } from './commands.ts';
import { CONNECT, DATAGRAMS, ECHO, type RemoteScript } from './remotescripts.ts';

/** ADDRESS PORT, as they stand in a request. */
export interface Place {
  readonly ip: string;
  readonly port: number;
}

/** REP of CONNECT to each place, or `closed`, for a client on `host`; with `version` 4 that is CD. */
export async function askFrom(
  host: readonly string[],
  proxy: Place,
  places: readonly Place[],
  version: 4 | 5 = 5,
): Promise<string[]> {
  return askThrough(host, [proxy], places, version);
}

/** The same of the last of several proxies, each of which is reached through the one before. */
export async function askThrough(
  host: readonly string[],
  [first, ...further]: readonly [Place, ...Place[]],
  places: readonly Place[],
  version: 4 | 5 = 5,
): Promise<string[]> {
  const proxies = further.map((each) => addressHex(each, 5));
  return runScript(host, CONNECT, [first, proxies, version, places.map((each) => addressHex(each, version))]);
}

/** Which of the places answered a datagram of an association; each is sent one. The association ends then. */
export async function sendFrom(
  host: readonly string[],
  proxy: Place,
  places: readonly Place[],
): Promise<string[]> {
  return runScript(host, DATAGRAMS, [proxy, places.map((each) => addressHex(each, 5))]);
}

/** A server on `host` that answers by TCP and UDP at every address it has. */
export async function echoAt(t: ExecutionContext, host: readonly string[], port: number): Promise<void> {
  const [program, ...args] = [...host, process.execPath, '-e', ECHO, String(port)];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => server.kill('SIGKILL'));
  await once(server.stdout, 'data');
}

async function runScript(
  host: readonly string[],
  script: RemoteScript,
  args: readonly unknown[],
): Promise<string[]> {
  const text = await mustRun([...host, process.execPath, '-e', script, JSON.stringify(args)]);
  return JSON.parse(text) as string[];
}

/** `ATYP ADDR PORT`, or the port and address of SOCKS4. */
function addressHex({ ip, port }: Place, version: 4 | 5): string {
  const bytes = ipToBytes(parseIp(ip)!);
  const portHex = port.toString(16).padStart(4, '0');
  const hex = Buffer.from(bytes).toString('hex');
  if (version === 4) return `${portHex}${hex}`;
  return `${bytes.length === 4 ? '01' : '04'}${hex}${portHex}`;
}
