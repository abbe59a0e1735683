// One round: all peers run, idle but for the one that is driven, and each workload goes round them, so that a slow minute of the
// machine hits all alike.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { isWanted, measure, takesPart, whileRunning, type Bench, type PlannedStep } from './bench.ts';
import { crewRates } from './crew.ts';
import { startNextHop, startThroughTls, tlsRates } from './nexthop.ts';
import { TLS_FRONT, type Peer } from './peers.ts';
import type { Readings } from './samples.ts';
import { startServer, stopServer, type Server } from './server.ts';
import { readiness } from './standing.ts';
import type { Drive } from './timed.ts';
import { startBehindTls, tlsFrontRates } from './tlsfront.ts';
import { cold, LOGIN, loginRate, warmUp, warmUpUdp, WORKLOADS } from './workloads.ts';

/** What a measurement takes beside its own time: a process of the generator, and the moment after it. */
const OVERHEAD_SECONDS = 0.4;
const WARM_UP_SECONDS = 3;
/** To start six workers and warm them up. */
const CREW_SECONDS = 14;
/** What the start of a round measures. */
const READINESS = 'exec to ready';

/** Part of a round. */
interface Part {
  readonly name: string;
  /** With one peer. */
  readonly seconds: number;
  readonly suits: (peer: Peer) => boolean;
  readonly run: (servers: readonly Server[]) => Promise<void>;
}

/** Empty where nothing of a round is wanted. */
export function planRound(bench: Bench, wanted: readonly Peer[], round: number): PlannedStep[] {
  const parts = partsOf(bench);
  if (![...parts.map(({ name }) => name), READINESS].some((name) => isWanted(bench, name))) return [];
  const servers: Server[] = [];
  const planned = (part: Part): PlannedStep => {
    const suits = (peer: Peer): boolean => takesPart(peer, part.name) && part.suits(peer);
    return {
      name: part.name,
      title: `round ${round + 1}: ${part.name}`,
      seconds: part.seconds * wanted.filter(suits).length,
      run: () => part.run(servers.filter(({ peer }) => suits(peer))),
    };
  };
  const start = async (): Promise<void> => void servers.push(...(await startAll(bench, round)));
  const stop = async (): Promise<void> => {
    for (const server of servers) await stopServer(server);
  };
  const bare = { name: 'start', title: `round ${round + 1}: start`, seconds: wanted.length, run: start };
  const end = { name: 'end', title: `round ${round + 1}: end`, seconds: 0.2 * wanted.length, run: stop };
  return [bare, ...parts.map(planned), end];
}

/** Each round starts with another peer. */
async function startAll(bench: Bench, round: number): Promise<Server[]> {
  const peers = bench.startable;
  const turn = round % Math.max(peers.length, 1);
  const rotated = [...peers.slice(turn), ...peers.slice(0, turn)];
  const servers: Server[] = [];
  for (const peer of rotated) {
    await measure(bench, peer.name, `round ${round + 1}`, async () => {
      const isRead = isWanted(bench, READINESS) && takesPart(peer, READINESS);
      const readings = isRead ? await readiness(peer, bench.folder) : {};
      servers.push(await startServer(peer, bench.folder));
      return readings;
    });
  }
  return servers;
}

function partsOf(bench: Bench): Part[] {
  const { amounts } = bench;
  const per = amounts.seconds + OVERHEAD_SECONDS;
  const drive = (server: Server): Drive => ({ server, target: bench.target, amounts });
  const each = (name: string, read: (drive: Drive) => Promise<Readings>): Part['run'] => {
    return async (servers) => {
      for (const server of servers) await measure(bench, server.peer.name, name, () => read(drive(server)));
    };
  };
  const workloads = WORKLOADS.map(({ name, measurements, suits, run }) => ({
    ...{ name, suits, seconds: measurements * per },
    run: each(name, run),
  }));
  const logins: Part = {
    name: 'logins',
    seconds: WARM_UP_SECONDS + 2 * per,
    suits: ({ withUsers }) => withUsers !== undefined,
    run: each('logins', (open) => measureLogins(bench, open)),
  };
  const tls: Part = {
    name: 'TLS to a proxy',
    seconds: 3 + 4 * per,
    suits: ({ throughTls }) => throughTls !== undefined,
    run: (servers) => measureTls(bench, servers),
  };
  const workers: Part = {
    name: 'workers',
    seconds: CREW_SECONDS + 3 * per,
    suits: ({ role }) => role === 'product',
    run: each('workers', (alone) => crewRates(alone, bench.folder)),
  };
  const tlsFront: Part = {
    name: TLS_FRONT,
    seconds: 2 + 4 * per,
    suits: ({ behindTls }) => behindTls !== undefined,
    run: each(TLS_FRONT, (open) => measureTlsFront(bench, open)),
  };
  return [
    ...warmUps(bench, each),
    ...[...workloads, workers, logins, tls, tlsFront].filter(({ name }) => isWanted(bench, name)),
  ];
}

/** What comes before any workload, and is a figure by itself. */
function warmUps(
  bench: Bench,
  each: (name: string, read: (drive: Drive) => Promise<Readings>) => Part['run'],
): Part[] {
  const suits = (): boolean => true;
  const first = async (drive: Drive): Promise<Readings> => {
    const readings = await cold(drive);
    return isWanted(bench, 'cold') ? readings : {};
  };
  const second = async ({ server, target }: Drive): Promise<Readings> => {
    await warmUpUdp(server, target);
    // What V8 has learnt from datagrams makes it compile some of the rest once more.
    await warmUp(server, target);
    return {};
  };
  return [
    { name: 'cold', seconds: WARM_UP_SECONDS, suits, run: each('cold', first) },
    { name: 'warm-up', seconds: 1.5, suits, run: each('warm-up', second) },
  ];
}

/** A server with users beside the one without, both kinds of connection in turn: the ratio is of one minute. */
async function measureLogins(bench: Bench, open: Drive): Promise<Readings> {
  const { peer } = open.server;
  const users = peer.withUsers?.(writeUsers(bench.folder));
  const login = await startServer(peer, bench.folder, users);
  return whileRunning([login], async () => {
    await warmUp(login, bench.target, LOGIN);
    return loginRate(open, login);
  });
}

/** A server of its own for each. */
async function measureTlsFront(bench: Bench, { server: { peer }, ...drive }: Drive): Promise<Readings> {
  const { server, stop } = await startBehindTls(peer, bench.folder);
  try {
    return await tlsFrontRates({ ...drive, server });
  } finally {
    await stop();
  }
}

/** One next hop for all. */
async function measureTls(bench: Bench, servers: readonly Server[]): Promise<void> {
  if (servers.length === 0) return;
  const hop = await startNextHop(bench.folder).catch((error: unknown) => {
    bench.note(`TLS to a proxy: needs openssl and stunnel4: ${String(error)}`);
    return undefined;
  });
  if (hop === undefined) return;
  try {
    for (const { peer } of servers) {
      await measure(bench, peer.name, 'TLS to a proxy', async () => {
        const server = await startThroughTls(peer, hop, bench.folder);
        return whileRunning([server], () =>
          tlsRates({ server, target: bench.target, amounts: bench.amounts }),
        );
      });
    }
  } finally {
    await hop.stop();
  }
}

/** An htpasswd file with one bcrypt entry of cost 10, as `htpasswd -B -C 10` writes it. */
function writeUsers(folder: string): string {
  const file = join(folder, 'users');
  const hash = bcrypt.hashSync(LOGIN.password, 10).replace(/^\$2b\$/, '$2y$');
  writeFileSync(file, `${LOGIN.user}:${hash}\n`, { mode: 0o600 });
  return file;
}
