// A program: fills every table of the daemon that clients can fill, each to its bound and with the largest entries, all at once, and
// prints what each takes: `{ "rows": { NAME: { "count", "bytes" } }, "heap": BYTES, "limit": BYTES }`. Needs --expose-gc.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { getHeapStatistics } from 'node:v8';
import { SuccessCache } from '../../src/auth/cache.ts';
import { Patience } from '../../src/auth/sources/patience.ts';
import { RememberedLogins } from '../../src/auth/sources/remembered.ts';
import { FAULTS } from '../../src/base/fault.ts';
import { ipFromBytes, LOOPBACK_IPV4, type Ip } from '../../src/base/ip.ts';
import { DnsCache } from '../../src/net/dns/dnscache.ts';
import { createResolver } from '../../src/net/names/resolve.ts';
import { openOwn } from '../../src/net/native/hostaddresses.ts';
import { OwnEnds } from '../../src/net/ownends.ts';
import type { Line, RoomName } from '../../src/observe/lines/line.ts';
import { LineQueue, ROOM_UNITS } from '../../src/observe/lines/linequeue.ts';
import { RECORD_PLANS } from '../../src/observe/refusals.ts';
import { Bans } from '../../src/policy/access/bans.ts';
import { AuthOnce } from '../../src/policy/access/trusted.ts';
import { Usage } from '../../src/policy/limits/quota.ts';
import { FairQueue } from '../../src/policy/room/fairqueue.ts';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { RecordBudget } from '../../src/policy/room/recordbudget.ts';
import { Sources } from '../../src/policy/rules/sources.ts';
import { zoneOf } from '../../src/policy/rules/zones.ts';
import { ReplyBudgets } from '../../src/policy/udp/replybudget.ts';
import { replyClientOf, replyKeyOf } from '../../src/policy/udp/replykey.ts';
import { BindPlaces } from '../../src/session/bindplaces.ts';
import { DatagramQueue, DatagramRoom } from '../../src/session/datagrams/datagramqueue.ts';
import { PeerTable } from '../../src/session/datagrams/peertable.ts';
import { hereAt } from './here.ts';
import { limits } from './limits.ts';

declare const gc: () => void;

/** More than any table holds, so that each is at its bound and has thrown entries out. */
const MORE = 1.02;

const rows: Record<string, { count: number; bytes: number }> = {};
const kept: unknown[] = [];
let before = used();

function fill(name: string, count: number, make: (count: number) => unknown): void {
  kept.push(make(Math.ceil(count * MORE)));
  const after = used();
  rows[name] = { count, bytes: after - before };
  before = after;
}

/** Bytes that are alive: on the heap of V8, and in arrays beside it, which another thread frees some time after a collection. */
function used(): number {
  for (let last = Infinity; ;) {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const bytes = heapUsed + arrayBuffers;
    if (bytes > last - 65_536) return Math.min(bytes, last);
    last = bytes;
  }
}

/** An IPv6 address in a /48 of its own, so that no two share a network; its text is as long as text of addresses can be. */
function address(at: number): Ip {
  const bytes = new Uint8Array(16).fill(0xee);
  new DataView(bytes.buffer).setUint32(2, 0xa000_0000 + at);
  return ipFromBytes(bytes);
}

/** A user name of 255 bytes that V8 keeps with two bytes for each character. */
function userName(at: number): string {
  return `${'u'.repeat(245)}${String(at).padStart(7, '0')}€`;
}

/** A host name of 253 bytes. */
function hostName(at: number): string {
  return `${`${'n'.repeat(61)}.`.repeat(3)}${String(at).padStart(67, 'x')}`;
}

const RULES = { failures: 9, windowMs: 600_000, firstMs: 60_000, longestMs: 900_000, allow: [] };
const STRICT = { ...RULES, failures: 1 };
fill('failures and bans of clients', 65_536, (count) => {
  const bans = new Bans(Date.now);
  for (let at = 0; at < count / 2; at++) {
    bans.failed(RULES, address(at), 'x');
    bans.ban(address(1_000_000 + at), 3_600_000);
  }
  return bans;
});

fill('failures and locks of names', 65_536, (count) => {
  const bans = new Bans(Date.now);
  for (let at = 0; at < count / 2; at++) {
    bans.failed(RULES, address(at), userName(at));
    bans.failed(STRICT, address(1_000_000 + at), userName(1_000_000 + at));
  }
  // Those of the clients are counted above.
  for (const { client } of [...bans.clients()]) bans.unban({ kind: 'client', name: client });
  return bans;
});

fill('logins by which users’ own addresses are known', 65_536, (count) => {
  const bans = new Bans(Date.now);
  for (let at = 0; at < count; at++) bans.succeeded(address(at), userName(at));
  return bans;
});

fill('clients that auth-once remembers', 16_384, (count) => {
  const authOnce = new AuthOnce(Date.now);
  for (let at = 0; at < count; at++) authOnce.remember(address(at), 3_600_000);
  return authOnce;
});

fill('successful logins', 4096, (count) => {
  const cache = new SuccessCache({ maxEntries: 4096, lifetimeMs: 300_000 }, () => 0);
  for (let at = 0; at < count; at++) {
    cache.add(cache.digest(Buffer.from(userName(at)), { password: Buffer.from('x'), hashes: [] }));
  }
  return cache;
});

fill('logins that sources have confirmed', 4096, (count) => {
  const remembered = new RememberedLogins(() => 0);
  for (let at = 0; at < count; at++) {
    const login = remembered.digest(Buffer.from(userName(at)), Buffer.from('x'));
    const [leading, ...others] = ['a group', 'another'].map((name) => `${name} ${at % 16}`);
    const identity = {
      kind: 'user',
      name: userName(at),
      group: leading,
      groups: [leading!, ...others],
    } as const;
    remembered.add(login, identity, 3_600_000);
  }
  return remembered;
});

fill('clients whose questions nobody has answered', 4096, (count) => {
  const patience = new Patience(() => 0);
  for (let at = 0; at < count; at++) patience.spend(address(at));
  return patience;
});

const BLOCK = { family: 6, base: new Uint8Array(16).fill(0x2a), bits: 64 } as const;
fill('users and clients that keep a source address', 65_536, (count) => {
  const sources = new Sources(() => 0, Math.random);
  const plan = {
    pool: { kind: 'addresses', blocks: [BLOCK] },
    policy: { kind: 'sticky', milliseconds: 600_000 },
    origin: {},
  } as const;
  for (let at = 0; at < count; at++) {
    const identity = { kind: 'user', name: userName(at), group: undefined } as const;
    sources.choose(plan, { identity, client: address(at), local: address(0) });
  }
  return sources;
});

const ADDRESSES = 16;
fill('answers of name servers', 3 * 4096, () =>
  [0, 1, 2].map((kind) => {
    const cache = new DnsCache<unknown>(4096, () => 0);
    for (let at = 0; at < 4096 * MORE; at++) {
      const answer = Array.from({ length: ADDRESSES }, (_, nth) => address(1_000_000 + at * ADDRESSES + nth));
      cache.put(hostName(at + kind * 10_000), { answer: kind < 2 ? answer : hostName(at), ttlMs: 3_600_000 });
    }
    return cache;
  }),
);

fill('parties whose bytes are counted', 2 * 65_536, (count) => {
  const usage = new Usage(Date.now);
  const table = limits('client day=1M', 'user day=1M');
  for (let at = 0; at < count / 2; at++) {
    usage.add(table, { scope: 'client', name: `${address(at)}/64` }, 1000.5);
    usage.add(table, { scope: 'user', name: userName(at) }, 1000.5);
  }
  return usage;
});

fill('kinds of addresses', 4096, (count) => {
  const here = hereAt();
  for (let at = 0; at < count; at++) zoneOf(address(at), here);
  return zoneOf;
});

const UDP_PEERS = 262_144;
fill('targets of UDP associations', UDP_PEERS, (count) => {
  const table = new PeerTable(UDP_PEERS);
  for (let at = 0; at < count / 1024; at++) {
    const list = { oldest: -1, newest: -1, size: 0 };
    const association = table.join({
      owner: replyClientOf(address(at)).owner,
      list,
      forgets: () => undefined,
    });
    // Names of 40 bytes take most beside what they count.
    for (let nth = 0; nth < 512; nth++) {
      const number = at * 512 + nth;
      const place = { ip: address(number), port: 53 };
      table.add({ association, lane: 0 }, place, String(number).padStart(32, 'x'));
    }
  }
  return table;
});

fill('clients and targets that answer them', 65_536, (count) => {
  const budgets = new ReplyBudgets();
  const limits = { unansweredBytes: 1_048_576, replyRatio: 1000 };
  for (let at = 0; at < count; at++) {
    const client = replyClientOf(address(at % 8192));
    const key = replyKeyOf(client, address(at));
    budgets.earn({ client, key, account: -1 }, 100, limits, 0);
  }
  return budgets;
});

fill('bytes to targets that do not answer', 1_572_864, (count) => {
  const budgets = new ReplyBudgets();
  const limits = { unansweredBytes: 1_048_576, replyRatio: 1000 };
  const client = replyClientOf(address(0));
  for (const minutes of [0, 5, 10]) {
    for (let at = 0; at < count / 1024; at++) {
      const key = replyKeyOf(client, address(at));
      budgets.spend({ client, key, account: -1 }, 100, limits, minutes * 60_000);
    }
  }
  return budgets;
});

fill('datagrams that wait', 16_384, (count) => {
  const room = new DatagramRoom();
  return Array.from({ length: count / 64 }, (_, at) => {
    const queue = new DatagramQueue<string>(
      { room, owner: replyClientOf(address(at)).owner },
      () => undefined,
    );
    for (let nth = 0; nth < 64; nth++) queue.push(hostName(nth), new Uint8Array(768));
    return queue;
  });
});

/** A kernel to which no address belongs. */
class Delivery {
  ask(): number {
    return 0;
  }
  close(): void {}
}

fill('addresses that were asked about', 4096, (count) => {
  const own = openOwn({ Delivery }, () => undefined);
  for (let at = 0; at < count; at++) own.delivers(address(at), { device: 'd'.repeat(15), mark: at });
  return own;
});

fill('closed ends of sockets that led here', 32_768, () => {
  const ends = new OwnEnds();
  ends.listen(1080);
  for (let at = 0; at < 32_767; at++) {
    const end = { ip: address(at), port: at, to: { ip: address(0), port: 1080 } };
    ends.add(end);
    ends.remove(end);
  }
  return ends;
});

fill('logins that wait for a password check', 64, (count) => {
  const queue = new FairQueue<unknown>({ max: 64, maxPerClient: 16, gaveWay: () => undefined });
  for (let at = 0; at < count; at++) {
    const login = { user: userName(at), password: Buffer.alloc(255), then: () => at };
    queue.push(ownerOf(address(at)), login);
  }
  return queue;
});

/** A name server that answers nothing. */
const silent = createSocket('udp4');
silent.bind(0, '127.0.0.1');
await once(silent, 'listening');
const silentServer = { ip: LOOPBACK_IPV4, port: silent.address().port };

fill('look-ups that wait', 4096, (count) => {
  const resolver = createResolver({ kind: 'servers', servers: [silentServer] });
  const waiting = [];
  for (let at = 0; at < count; at++) waiting.push(resolver.lookup(hostName(at), address(at)));
  return [resolver, waiting];
});

fill('clients that wait with BIND', 256, (count) => {
  const places = new BindPlaces();
  for (let at = 0; at < count; at++) {
    const never = (): Promise<void> => new Promise(() => undefined);
    places.during(address(at), () => undefined, never).catch(() => undefined);
  }
  return places;
});

const REFUSED = new Set(Object.keys(FAULTS));
fill('clients whose refusals are counted', 7000, () =>
  Object.values(RECORD_PLANS).map((plan) => {
    const budget = new RecordBudget(plan);
    for (let at = 0; at < plan.inAll; at++) {
      const owner = ownerOf(address(at * 1000));
      for (let nth = 0; nth < plan.perClient; nth++) budget.take(owner, 'x', 0);
      for (const cause of REFUSED) budget.take(owner, cause, 0);
    }
    return budget;
  }),
);

fill('records that wait, of two ways out', 2, (count) =>
  Array.from({ length: Math.floor(count) }, () => {
    const queue = new LineQueue(() => lineOf('daemon', 0));
    for (const room of Object.keys(ROOM_UNITS) as RoomName[]) {
      for (let at = 0; at < ROOM_UNITS[room] / 1000; at++) queue.push(lineOf(room, at));
    }
    return queue;
  }),
);

/** A short line with one character that Latin-1 has not: it takes two bytes a character. */
function lineOf(room: RoomName, at: number): Line {
  const text = `€${String(at).padStart(900, 'x')}`;
  return { room, level: 'info', event: 'ended', format: 'text', timeMs: 0, client: address(at), text };
}

console.log(
  JSON.stringify({ rows, heap: used(), limit: getHeapStatistics().heap_size_limit, kept: kept.length }),
);
process.exit();
