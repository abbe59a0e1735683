// A name server for tests, over UDP on loopback: it answers from a table and counts what it is asked.
import { spawn } from 'node:child_process';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { ipToBytes, type Endpoint } from '../../src/base/ip.ts';
import { ip } from './ip.ts';
import { TYPESCRIPT } from './typescript.ts';

/** What one name has of one type: addresses or names (none: NODATA), an error code, or no reply at all. */
export type DnsAnswer = readonly string[] | 'nxdomain' | 'servfail' | 'silent';

export interface DnsRecord {
  readonly a?: DnsAnswer;
  readonly aaaa?: DnsAnswer;
  /** Names, of an `in-addr.arpa` or `ip6.arpa` name. */
  readonly ptr?: DnsAnswer;
  /** Seconds; 60 where absent. */
  readonly ttl?: number;
}

export interface DnsServer {
  readonly endpoint: Endpoint;
  /** `A name`, `AAAA name` and `PTR name`, in the order of arrival. */
  readonly queries: string[];
  /** Settles at the first query. */
  readonly asked: Promise<unknown>;
  close(): void;
}

const RCODE = { ok: 0, servfail: 2, nxdomain: 3 } as const;
type RecordType = 'a' | 'aaaa' | 'ptr';
const TYPES: ReadonlyMap<number, RecordType> = new Map<number, RecordType>([
  [1, 'a'],
  [12, 'ptr'],
  [28, 'aaaa'],
]);

/** Serves `table`, which may change meanwhile; names that it does not hold do not exist. */
export async function startDnsServer(
  table: Record<string, DnsRecord>,
  { host = '127.0.0.1', port = 0 }: { readonly host?: string; readonly port?: number } = {},
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const queries: string[] = [];
  const first = once(socket, 'message');
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, type, end } = readQuestion(query);
    queries.push(`${type.toUpperCase()} ${name}`);
    const record = table[name];
    const answer = record === undefined ? 'nxdomain' : (record[type] ?? []);
    if (answer === 'silent') return;
    const ttl = record?.ttl ?? 60;
    socket.send(encodeReply(query.subarray(0, end), { type, answer, ttl }), from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  return {
    endpoint: { ip: ip(host), port: socket.address().port },
    queries,
    asked: first,
    close: () => socket.close(),
  };
}

/** The same on another host, that of a network namespace, at 127.0.0.1 until the test ends. */
export async function dnsServerAt(
  t: ExecutionContext,
  host: readonly string[],
  table: Record<string, DnsRecord>,
  port: number,
): Promise<void> {
  const script = `
    import { startDnsServer } from ${JSON.stringify(import.meta.url)};
    await startDnsServer(${JSON.stringify(table)}, { port: ${port} });
    console.log('ready');
  `;
  const node = [process.execPath, TYPESCRIPT, '--input-type=module', '-e', script];
  const [program = '', ...args] = [...host, ...node];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => server.kill('SIGKILL'));
  await once(server.stdout, 'data');
}

/** The one question of a query (RFC 1035 section 4.1.2) and where it ends. */
function readQuestion(query: Buffer): { name: string; type: RecordType; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length !== 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = TYPES.get(query.readUInt16BE(at + 1));
  if (type === undefined) throw new Error(`query type ${query.readUInt16BE(at + 1)} is not served`);
  return { name: labels.join('.').toLowerCase(), type, end: at + 5 };
}

interface Told {
  readonly type: RecordType;
  readonly answer: Exclude<DnsAnswer, 'silent'>;
  readonly ttl: number;
}

function encodeReply(question: Buffer, { type, answer, ttl }: Told): Buffer {
  const values = typeof answer === 'string' ? [] : answer;
  const data = values.map((value) => (type === 'ptr' ? encodeName(value) : ipToBytes(ip(value))));
  const header = Buffer.from(question);
  header.writeUInt16BE(0x8180 | RCODE[typeof answer === 'string' ? answer : 'ok'], 2);
  header.writeUInt16BE(data.length, 6);
  header.fill(0, 8, 12);
  return Buffer.concat([header, ...data.map((each) => encodeRecord(type, each, ttl))]);
}

/** One record whose name is a pointer to the question. */
function encodeRecord(type: RecordType, data: Uint8Array, ttl: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE({ a: 1, ptr: 12, aaaa: 28 }[type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** Labels of any characters U+0001 to U+00FF but the dot (RFC 1035 section 3.1). */
function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
}
