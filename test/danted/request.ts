// What a client asks of both proxies, and whether it gets it.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6, type Socket } from 'node:net';
import { ipToBytes, parseIp } from '../../src/base/ip.ts';
import type { Random } from '../fuzz/random.ts';
import { ACCOUNTS, CLIENTS, PORTS, TARGET_IPS, TARGET_NAMES } from './scenery.ts';
import { methodsOf, type SockdConf } from './sockdconf.ts';

export interface Request {
  readonly command: 'connect' | 'connect4' | 'bind' | 'udp';
  readonly client: string;
  readonly login: string | undefined;
  /** An address or a name. */
  readonly target: string;
  readonly port: number;
}

/** `stopped` is what a rule does; what failed in another way says nothing. */
export type Answer = 'passed' | 'stopped' | 'unclear';

export function makeRequest(random: Random, { door, settings }: SockdConf): Request {
  const command = random.pick(['connect', 'connect', 'connect4', 'udp', 'udp', 'bind'] as const);
  const usable = CLIENTS.filter(
    (client) => !isIPv6(client) || (door.ipv6 !== undefined && command !== 'bind'),
  );
  const ips = TARGET_IPS.filter((ip) => !isIPv6(ip) || command === 'connect' || command === 'udp');
  const methods = methodsOf(settings);
  const isNamed = methods.includes('username') && (random.oneIn(2) || !methods.includes('none'));
  return {
    command,
    client: random.pick(usable),
    login: command === 'connect4' || !isNamed ? undefined : random.pick(ACCOUNTS),
    target:
      command === 'bind' || command === 'connect4' || random.oneIn(2)
        ? random.pick(ips)
        : random.pick(TARGET_NAMES),
    port: random.pick(PORTS),
  };
}

export function formatRequest({ command, client, login, target, port }: Request): string {
  return `${login ?? 'nobody'} from ${client}: ${command} ${target}:${port}`;
}

/** Asks the proxy at `door`; what no answer comes to within `patienceMs` is stopped. */
export async function ask(
  request: Request,
  door: { readonly host: string; readonly port: number },
  patienceMs: number,
): Promise<Answer> {
  const socket = connect({ ...door, localAddress: request.client });
  const wire = new Wire(socket, patienceMs);
  try {
    await once(socket, 'connect');
    return await COMMANDS[request.command](wire, request, patienceMs);
  } catch (error) {
    return error instanceof Silence ? 'unclear' : 'stopped';
  } finally {
    socket.destroy();
  }
}

class Silence extends Error {}

/** A socket whose bytes are read by number; rejects where it ends, or with Silence where nothing comes in time. */
class Wire {
  readonly #socket: Socket;
  readonly #patienceMs: number;
  #bytes = Buffer.alloc(0);
  #wake = (): void => undefined;

  constructor(socket: Socket, patienceMs: number) {
    this.#socket = socket;
    this.#patienceMs = patienceMs;
    socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#wake();
    });
    for (const event of ['error', 'end', 'close'] as const) socket.on(event, () => this.#wake());
  }

  write(bytes: readonly number[] | Uint8Array): void {
    this.#socket.write(Uint8Array.from(bytes));
  }

  async read(count: number): Promise<Buffer> {
    const limit = performance.now() + this.#patienceMs;
    while (this.#bytes.length < count) {
      if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error('closed');
      const left = limit - performance.now();
      if (left <= 0) throw new Silence();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const bytes = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return bytes;
  }
}

type Conversation = (wire: Wire, request: Request, patienceMs: number) => Promise<Answer>;

const COMMANDS: Readonly<Record<Request['command'], Conversation>> = {
  async connect(wire, request) {
    await greet(wire, request);
    wire.write([5, 1, 0, ...address(request.target), ...port(request.port)]);
    return (await reply(wire)).answer;
  },
  async connect4(wire, request) {
    wire.write([4, 1, ...port(request.port), ...ipToBytes(parseIp(request.target)!), 0]);
    return (await wire.read(8))[1] === 90 ? 'passed' : 'stopped';
  },
  async bind(wire, request, patienceMs) {
    await greet(wire, request);
    wire.write([5, 2, 0, ...address(request.target), 0, 0]);
    const { answer, endpoint } = await reply(wire);
    if (answer !== 'passed') return answer;
    const peer = connect({ ...endpoint, localAddress: request.target, timeout: patienceMs });
    peer.on('error', () => undefined);
    try {
      // Whom the rules do not let in is sent away, and the waiting goes on.
      const sentAway = once(peer, 'close').then((): Answer => 'stopped');
      return await Promise.race([reply(wire).then((second) => second.answer), sentAway]);
    } finally {
      peer.destroy();
    }
  },
  async udp(wire, request, patienceMs) {
    await greet(wire, request);
    wire.write([5, 3, 0, ...address(isIPv6(request.client) ? '::' : '0.0.0.0'), 0, 0]);
    const { answer, endpoint } = await reply(wire);
    if (answer !== 'passed') return answer;
    const socket = createSocket(isIPv6(request.client) ? 'udp6' : 'udp4');
    const heard = new Promise<Answer>((resolve) => socket.once('message', () => resolve('passed')));
    const header = [0, 0, 0, ...address(request.target), ...port(request.port)];
    const send = (): void => socket.send(Uint8Array.from([...header, 33]), endpoint.port, endpoint.host);
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.bind(0, request.client, resolve));
    send();
    // A datagram may get lost on a busy machine.
    const again = setInterval(send, patienceMs / 3);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<Answer>(
      (resolve) => (timer = setTimeout(() => resolve('stopped'), patienceMs)),
    );
    try {
      return await Promise.race([heard, silence]);
    } finally {
      clearInterval(again);
      clearTimeout(timer);
      socket.close();
    }
  },
};

async function greet(wire: Wire, { login }: Request): Promise<void> {
  wire.write([5, 1, login === undefined ? 0 : 2]);
  const [, method] = await wire.read(2);
  if (method === 0) return;
  if (method !== 2 || login === undefined) throw new Error('no method');
  wire.write(Buffer.from(`\x01${String.fromCharCode(login.length)}${login}\x06secret`, 'latin1'));
  if ((await wire.read(2))[1] !== 0) throw new Error('login failed');
}

const NOT_ALLOWED = 2;

async function reply(wire: Wire): Promise<{ answer: Answer; endpoint: { host: string; port: number } }> {
  const [, rep, , atyp] = await wire.read(4);
  const bytes = await wire.read(atyp === 4 ? 18 : 6);
  const host =
    atyp === 4
      ? Array.from({ length: 8 }, (_none, at) => bytes.readUInt16BE(2 * at).toString(16)).join(':')
      : bytes.subarray(0, 4).join('.');
  const answer = rep === 0 ? 'passed' : rep === NOT_ALLOWED ? 'stopped' : 'unclear';
  return { answer, endpoint: { host, port: bytes.readUInt16BE(bytes.length - 2) } };
}

function address(text: string): number[] {
  const ip = parseIp(text);
  if (ip === undefined) return [3, text.length, ...Buffer.from(text)];
  const bytes = ipToBytes(ip);
  return [bytes.length === 4 ? 1 : 4, ...bytes];
}

function port(number: number): number[] {
  return [number >> 8, number & 255];
}
