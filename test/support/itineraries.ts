// One session from its first byte to the last way that it tries, over a network that is not there: names and proxies answer at once,
// no destination is reached, and each step stands in a list.
import { Fault } from '../../src/base/fault.ts';
import { familyOf, formatEndpoint, type Endpoint } from '../../src/base/ip.ts';
import type { Config } from '../../src/config/model/config.ts';
import { findNative } from '../../src/daemon/host/transport.ts';
import { openOwn } from '../../src/net/native/hostaddresses.ts';
import { readEphemeralPorts } from '../../src/net/native/ephemeralports.ts';
import type { NameLookup, Resolver } from '../../src/net/names/resolve.ts';
import { OwnEnds } from '../../src/net/ownends.ts';
import { Ways } from '../../src/net/routes/ways.ts';
import type { Leg, OnDatagram, Transport, UdpSocket } from '../../src/net/transport.ts';
import { Sources } from '../../src/policy/rules/sources.ts';
import { destinationOf, formatDestination, type Destination } from '../../src/protocol/address.ts';
import { decodeDatagram, encodeDatagramHeader } from '../../src/protocol/datagram.ts';
import { decodeRequest, encodeRequest } from '../../src/protocol/request.ts';
import { Datagrams } from '../../src/session/datagrams/datagrams.ts';
import type { SessionEvent } from '../../src/session/events.ts';
import { Logins } from '../../src/session/logins.ts';
import { Server } from '../../src/session/server/server.ts';
import { snapshotOf } from '../../src/session/snapshot.ts';
import { FakeLeg } from './fakeleg.ts';
import { ip } from './ip.ts';

/** Where the proxies of routes are; whatever else is dialled is a destination. */
export const PROXY = '192.0.2.99';

/** What names stand for; others do not exist. */
export const NAMES: Readonly<Record<string, readonly string[]>> = {
  'two.test': ['198.51.100.1', '10.0.0.5'],
  'in.test': ['10.0.0.5'],
  'inner.corp.test': ['10.0.0.6'],
  localhost: ['127.0.0.1'],
};

/** As the search list of resolv.conf has it: `corp.test`. */
export function completionsOf(name: string): readonly string[] {
  return name === 'inner' ? ['inner.corp.test', 'inner'] : [name];
}

/** Whoever has a user has logged in; `ann` is of group `staff`. */
export interface AskedSession {
  readonly command: 'connect' | 'bind' | 'assoc';
  /** HOST:PORT */
  readonly target: string;
  readonly client: string;
  readonly user?: string | undefined;
}

const CODES = { connect: 1, bind: 2, assoc: 3 } as const;
const OWN = openOwn(findNative().addon, () => undefined);

/** The steps of the session, and the code of its end or what became of its datagram. */
export async function stepsOf(config: Config, asked: AskedSession): Promise<readonly string[]> {
  const steps: string[] = [];
  const network = new Network(steps, asked);
  const server = new Server(network.surroundings, snapshotFor(config));
  server.open();
  server.take(network.client);
  await network.over;
  await server.stop(0);
  return steps;
}

function snapshotFor(config: Config) {
  return snapshotOf(config, {
    checkLogin: config.auth.length > 0 ? (user) => userOf(Buffer.from(user).toString()) : undefined,
    chap: undefined,
    own: OWN,
    found: { carriers: [] },
    hostsAccess: undefined,
    bindAddresses: [],
    sources: new Sources(
      () => 0,
      () => 0,
    ),
    ephemeralPorts: readEphemeralPorts(),
    ways: new Ways(() => undefined),
    atProxies: { credentials: () => undefined, trust: undefined, isSelf: () => false },
  });
}

function userOf(name: string) {
  return { kind: 'user' as const, name, group: 'staff' };
}

export function answersOf(name: string): NameLookup {
  const of = (family: 4 | 6) => (NAMES[name] ?? []).map(ip).filter((each) => familyOf(each) === family);
  return { ipv4: of(4), ipv6: of(6) };
}

/** Everything outside the session. */
class Network {
  readonly client: FakeLeg;
  readonly over: Promise<void>;
  readonly #steps: string[];
  readonly #asked: AskedSession;
  #end: () => void = () => undefined;
  #fromClient: OnDatagram = () => undefined;

  constructor(steps: string[], asked: AskedSession) {
    this.#steps = steps;
    this.#asked = asked;
    this.over = new Promise((resolve) => (this.#end = resolve));
    this.client = new FakeLeg({ ip: ip(asked.client), port: 5555 }, () => undefined);
    this.client.feed(openingOf(asked));
  }

  get surroundings() {
    return {
      transport: this.#transport(),
      resolver: this.#resolver(),
      report: (event: SessionEvent) => this.#hear(event),
      logins: new Logins(),
      datagrams: new Datagrams(16),
    };
  }

  #hear(event: SessionEvent): void {
    if (event.kind === 'refused') this.#finish(event.fault.code);
    if (event.kind === 'ended') this.#finish(Object.keys(event.dropped ?? {})[0] ?? 'sent');
    if (event.kind === 'turnedAway') this.#finish(event.fault.code);
    if (event.kind !== 'listening') return;
    if (this.#asked.command === 'assoc') void this.#sendDatagram();
    else this.client.leave(new Fault('CLIENT_CLOSED'));
  }

  #finish(how: string): void {
    this.#steps.push(how);
    this.#end();
  }

  async #sendDatagram(): Promise<void> {
    await turn();
    const header = encodeDatagramHeader(mustBeDestination(this.#asked.target));
    this.#fromClient(Buffer.concat([header, Buffer.from('?')]), { ip: ip(this.#asked.client), port: 5555 });
    // Nothing of this network needs more than microtasks.
    for (let turns = 0; turns < 8; turns++) await turn();
    this.client.feed(undefined);
  }

  #resolver(): Resolver {
    return {
      completions: completionsOf,
      lookup: (name) => {
        this.#steps.push(`look up ${name}`);
        return answersOf(name);
      },
      reverse: () => new Fault('NAME_NOT_FOUND'),
      close: () => undefined,
    };
  }

  #transport(): Transport {
    return {
      name: 'streams',
      own: { tcp: new OwnEnds(), udp: new OwnEnds() },
      listen: ({ ip: at }) => {
        this.#steps.push('wait here');
        const local = { ip: at, port: 7000 };
        return Promise.resolve({ local, descriptor: undefined, close: () => undefined });
      },
      listenOn: () => Promise.reject(new TypeError('nothing listens here')),
      listenUnix: () => Promise.reject(new TypeError('nothing listens here')),
      openUdp: (address, onDatagram, side) => Promise.resolve(this.#udpSocket(address, onDatagram, side)),
      departureTo: (to) => Promise.resolve(ip(familyOf(to) === 4 ? '192.0.2.200' : '2001:db8::200')),
      dial: (to) => this.#dial(to),
      relay: () => {
        throw new TypeError('no destination is reached');
      },
      stalls: { count: 0, survey: () => new Map() },
      close: () => undefined,
    };
  }

  #dial(to: Endpoint): Promise<Leg> {
    if (to.ip === PROXY) return Promise.resolve(new FakeLeg(to, (bytes, leg) => this.#atProxy(bytes, leg)));
    this.#steps.push(`dial ${formatEndpoint(to)}`);
    return Promise.reject(new Fault('CONNECTION_REFUSED'));
  }

  /** A proxy that takes datagrams, and talks nonsense about anything else, so that the next way is tried. */
  #atProxy(bytes: Uint8Array, leg: FakeLeg): void {
    if (bytes[1] === 1 && bytes.length === 3) {
      leg.feed(Uint8Array.of(5, 0));
      return;
    }
    const head = /^CONNECT (\S+)/.exec(Buffer.from(bytes).toString('latin1'));
    if (head !== null) {
      this.#steps.push(`proxy ${leg.remote.port} connect ${head[1] ?? ''}`);
      leg.feed(Buffer.from('nonsense\r\n\r\n'));
      return;
    }
    const request = decodeRequest(bytes);
    if (request.kind !== 'done') throw new TypeError('no request of SOCKS5');
    const { command, destination } = request.value;
    if (command === CODES.assoc) {
      leg.feed(Uint8Array.of(5, 0, 0, 1, 192, 0, 2, 99, 0x13, 0x88));
      return;
    }
    const word = command === CODES.bind ? 'bind' : 'connect';
    this.#steps.push(`proxy ${leg.remote.port} ${word} ${formatDestination(destination)}`);
    leg.feed(Uint8Array.of(4, 0));
  }

  #udpSocket(address: Endpoint, onDatagram: OnDatagram, side: string | undefined): UdpSocket {
    if (side === 'client') this.#fromClient = onDatagram;
    return {
      local: { ...address, port: 4000 },
      send: (head, payload, to) => this.#send(Buffer.concat([head, payload]), to),
      close: () => undefined,
    };
  }

  #send(bytes: Uint8Array, to: Endpoint): void {
    const wrapped = to.ip === PROXY ? decodeDatagram(bytes) : undefined;
    const step =
      wrapped?.kind === 'done'
        ? `proxy datagram ${formatDestination(wrapped.value.destination)}`
        : `datagram ${formatEndpoint(to)}`;
    this.#steps.push(step);
  }
}

/** Greeting, login and request at once. */
function openingOf({ command, target, user }: AskedSession): Uint8Array {
  const name = Buffer.from(user ?? '');
  const login = user === undefined ? [5, 1, 0] : [5, 1, 2, 1, name.length, ...name, 1, 0x70];
  const destination = command === 'assoc' ? ANYWHERE : mustBeDestination(target);
  return Buffer.concat([Uint8Array.from(login), encodeRequest({ command: CODES[command], destination })]);
}

const ANYWHERE: Destination = { kind: 'ip', ip: ip('0.0.0.0'), port: 0 };

function mustBeDestination(target: string): Destination {
  const at = target.lastIndexOf(':');
  const destination = destinationOf(target.slice(0, at), Number(target.slice(at + 1)));
  if (destination === undefined) throw new TypeError(`${target} is no destination`);
  return destination;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
