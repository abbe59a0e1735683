// The server of a daemon and all that it runs on, put together out of a configuration.
import { availableParallelism } from 'node:os';
import { HashPool, POOL_LIMITS } from '../../auth/hashing/pool.ts';
import { createLoginChecker } from '../../auth/login.ts';
import { monotonicMs } from '../../base/clock.ts';
import type { Config } from '../../config/model/config.ts';
import { createResolver } from '../../net/names/resolve.ts';
import { readEphemeralPorts } from '../../net/native/ephemeralports.ts';
import { openOwn } from '../../net/native/hostaddresses.ts';
import { openTcpMemory } from '../../net/native/tcpmemory.ts';
import { TlsLayer } from '../../net/tls/tlslayer.ts';
import type { Transport } from '../../net/transport.ts';
import { ClientNames } from '../../observe/clientnames.ts';
import type { Log } from '../../observe/log.ts';
import { Refusals } from '../../observe/refusals.ts';
import { reportTo } from '../../observe/sessionlog.ts';
import { Sources } from '../../policy/rules/sources.ts';
import { Datagrams } from '../../session/datagrams/datagrams.ts';
import { Logins, rememberBy } from '../../session/logins.ts';
import type { Surroundings } from '../../session/session.ts';
import { Server } from '../../session/server/server.ts';
import { MAX_CONVERSATIONS } from '../control/controlsocket.ts';
import { startTickets } from '../account/tickets.ts';
import { AccountNames } from '../host/accountusers.ts';
import { resolveBind } from '../host/bindaddresses.ts';
import { heapLimit, systemCallCapacity } from '../host/capacity.ts';
import type { Capacity } from '../../session/server/room.ts';
import { Headroom } from '../host/headroom.ts';
import { followHostsAccess, hostsFilesOf } from '../host/hostsaccess.ts';
import type { Usable } from '../host/load.ts';
import { Nat64 } from '../host/nat64.ts';
import { followProxyAuth } from '../host/proxyauth.ts';
import { buildSnapshot, type Lasting } from '../host/snapshot.ts';
import { chooseTransport, pipeOpening, type Native } from '../host/transport.ts';
import { Asked } from '../logins/asked.ts';
import { Counters } from '../report/counters.ts';
import { countDescriptors } from '../report/resources.ts';
import { Covers } from '../listeners/covers.ts';
import { watchNearMisses, watchWays } from '../report/ways.ts';
import { bookkeepingOf, type Bookkeeping } from '../running/bookkeeping.ts';
import type { Launch } from '../running/launch.ts';
import { descriptorLimit, raiseLimitForSessions } from '../unix/descriptors.ts';
import { MAX_READERS } from '../web/metricsport.ts';
import { MAX_CHECKS } from '../web/ready.ts';
import { measured, type Measuring } from '../web/measuring.ts';

/** The control socket, what holds its name, and its conversations. */
const CONTROL_DESCRIPTORS = 2 + MAX_CONVERSATIONS;

/** Workers have one hashing thread each: a flood of logins shall not take all processors. */
const LONE_THREAD = { ...POOL_LIMITS, maxThreads: 1 };

export interface Assembly {
  /** Listens nowhere yet. */
  readonly server: Server;
  readonly headroom: Headroom;
  readonly covers: Covers;
  readonly tlsLayer: TlsLayer;
  readonly logins: Logins;
  readonly lasting: Lasting;
  readonly asked: Asked;
  readonly counters: Counters;
  /** undefined: nobody asks for metrics. */
  readonly measuring: Measuring | undefined;
  readonly books: Bookkeeping;
  readonly refusals: Refusals;
  readonly transport: Transport;
  /** Why it is this transport. */
  readonly reason: string;
}

/** Rejects with StartFailure where the configuration asks for what this host does not have. */
export async function assemble(
  usable: Usable,
  native: Native,
  log: Log,
  launch: Launch & Pick<Surroundings, 'fellow'>,
): Promise<Assembly> {
  const { config } = usable;
  const { transport, reason } = chooseTransport(config, native);
  const logins = new Logins(rememberBy(Date.now));
  const maxSystemCalls = systemCallCapacity(process.env['UV_THREADPOOL_SIZE']);
  const resolver = createResolver(config.resolver, { maxSystemCalls });
  const names = config.logNames ? new ClientNames(resolver) : undefined;
  const refusals = new Refusals(log, reportTo(log, names));
  const counters = new Counters(refusals.report);
  const books = bookkeepingOf(config, launch.post?.openBook);
  const asked = new Asked(log, launch.post?.childrenOf);
  await asked.follow(config, 'start');
  const lasting = {
    checker: createLoginChecker(launch.post === undefined ? undefined : new HashPool(LONE_THREAD)),
    asked,
    own: openOwn(native.addon, (why) => log.write('warn', 'own-addresses', {}, why)),
    nat64: new Nat64(resolver, log),
    hostsAccess: followHostsAccess(log, hostsFilesOf(config.tcpWrappersName)),
    ways: watchWays(log),
    onNearMiss: watchNearMisses(log),
    sources: new Sources(monotonicMs, Math.random, Date.now),
    ephemeralPorts: readEphemeralPorts(),
    accountNames: new AccountNames(),
    tickets: await (launch.post?.openTickets(config) ?? startTickets(config, log)),
    followLogins: (file: string) => followProxyAuth(file, log),
  };
  const heard = { report: books.hearing(counters.report), resolver, log, bans: logins.bans };
  const { measuring, ...heeded } = await measured(usable, heard, lasting.checker);
  raiseLimitForSessions(config.maxSessions, launch.warn);
  const snapshot = buildSnapshot(usable, await resolveBind(config.bind), lasting);
  const datagrams = new Datagrams(config.udpMaxPeersTotal);
  const readTcpMemory = openTcpMemory();
  const { fellow } = launch;
  const surroundings = { ...heeded, transport, logins, datagrams, readTcpMemory, fellow };
  const { headroom, capacity } = roomFor(config, transport, launch);
  const server = new Server(surroundings, snapshot, capacity);
  const tlsLayer = new TlsLayer();
  tlsLayer.follow(usable.tls);
  const covers = new Covers(tlsLayer);
  return {
    server,
    headroom,
    covers,
    tlsLayer,
    logins,
    lasting,
    asked,
    counters,
    measuring,
    books,
    refusals,
    transport,
    reason,
  };
}

/** How many sessions there is room for, now and after reloads. */
function roomFor(
  config: Config,
  transport: Transport,
  launch: Launch,
): { readonly headroom: Headroom; readonly capacity: Capacity } {
  const headroom = headroomFor(config, transport, launch);
  const { capacity, warning } = headroom.follow(config, 0);
  if (warning !== undefined) launch.warn(warning);
  return { headroom, capacity };
}

function headroomFor(config: Config, { name }: Transport, { warn, post }: Launch): Headroom {
  const { relayThreads } = config;
  const open = openNow(warn);
  const threads = relayThreads === 0 ? availableParallelism() : relayThreads;
  const rooms = {
    descriptors: descriptorLimit(),
    open: open + (post === undefined ? descriptorsToCome(config) : 0),
    // Descriptors that were opened ahead are counted already.
    relayThreads: name === 'engine' && pipeOpening() === 'as-needed' ? threads : 0,
    heapBytes: heapLimit(),
  };
  return new Headroom(rooms, name);
}

/** Of those who ask the daemon about itself. */
function descriptorsToCome({ control, ready, metrics }: Config): number {
  return (
    (control === undefined ? 0 : CONTROL_DESCRIPTORS) +
    (ready === undefined ? 0 : 1 + MAX_CHECKS) +
    (metrics === undefined ? 0 : 1 + MAX_READERS)
  );
}

/** A daemon with some listeners, files of users and threads has about half of it. */
const OPEN_GUESSED = 64;

/** Descriptors that are open now and stay so. Only Linux tells, in /proc, which jails and small containers may lack. */
function openNow(warn: Launch['warn']): number {
  const open = countDescriptors();
  if (open !== undefined) return open;
  if (process.platform === 'linux') warn(NO_PROC);
  return OPEN_GUESSED;
}

const NO_PROC =
  `there is no /proc/self/fd: it is taken that ${OPEN_GUESSED} descriptors are open, and what the daemon uses of memory and ` +
  'descriptors is not told; mount proc(5) at /proc to know better';
