// A server: listeners that hand their legs to sessions, under one limit and one snapshot at a time.
import { monotonicMs } from '../../base/clock.ts';
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { EndpointPlan, Layer, ListenPlan } from '../../net/layer.ts';
import type { SocketRights } from '../../net/socketfile.ts';
import type { Leg } from '../../net/transport.ts';
import type { AdoptedSocket } from '../../net/unixlistener.ts';
import type { Entry } from '../../policy/limits/entry.ts';
import { Ledger } from '../../policy/limits/ledger.ts';
import { Usage } from '../../policy/limits/quota.ts';
import { BindPlaces } from '../bindplaces.ts';
import type { Activity, ActivityEnd } from '../activity.ts';
import { isHidden } from '../introduction.ts';
import { Handshake, type Home, type Session, type Snapshot, type Surroundings } from '../session.ts';
import { whyTurnedAway } from './entrance.ts';
import { Gate } from '../gate/gate.ts';
import { Listeners } from './listeners.ts';
import { Oversight } from './oversight.ts';
import { Registry } from './registry.ts';
import { Relieving } from './relieving.ts';
import { Room, UNBOUNDED, type Capacity } from './room.ts';
import { serve } from './serve.ts';
import { countIds, endedEvent, move, newSession, type Provenance } from './stages.ts';
import { TurnedAway } from './turnedaway.ts';

/** How long sessions that were cut may take to end: what is read to its end takes CLOSE_LINGER_MS. */
const CUT_LIMIT_MS = 2000;

export class Server {
  readonly registry = new Registry();
  /** The counts of quotas; they outlive a restart where the program saves them. */
  readonly usage = new Usage(Date.now);
  /** The parties that are here; carriers of facts ask it, and tell it of those elsewhere. */
  readonly ledger = new Ledger(monotonicMs);
  readonly #surroundings: Surroundings;
  readonly #turnedAway: TurnedAway;
  readonly #gate: Gate;
  readonly #room: Room;
  readonly oversight: Oversight;
  readonly #relieving: Relieving;
  readonly #home: Home = {
    settle: (handshake) => this.#settle(handshake),
    lookAgain: ({ session }) => this.#room.lookAgain(session, this.#snapshot.limits),
    bindPlaces: new BindPlaces(),
    // No client makes room for it: uninvited peers at a port of BIND must not drive clients out.
    crowdedOut: (client, fault) => this.#turnedAway.note(client, fault),
    mayKeep: () => !this.#isStopping,
    again: ({ leg, session: { introduction, listener } }) =>
      this.#isStopping ? leg.close('fin') : this.#accept(leg, { introduction, listener, comes: 'kept' }),
  };
  readonly #listeners: Listeners;
  #snapshot: Snapshot;
  readonly #nextId: () => number;
  #stopWaiting: () => void = () => undefined;
  #isStopping = false;

  constructor(surroundings: Surroundings, snapshot: Snapshot, capacity: Capacity = UNBOUNDED) {
    const { registry, usage, ledger } = this;
    this.#snapshot = snapshot;
    this.#turnedAway = new TurnedAway(surroundings.report);
    this.#gate = new Gate({
      snapshot: () => this.snapshot,
      turnedAway: (client, fault) => this.#turnedAway.note(client, fault),
      hasPlace: (client) => this.#room.hasPlaceForGuest(client),
      accept: (leg, introduction, listener) => this.#accept(leg, { introduction, listener, comes: 'new' }),
    });
    const { antechambers } = this.#gate;
    this.#room = new Room({ registry, usage, ledger, turnedAway: this.#turnedAway, capacity, antechambers });
    const { transport, readTcpMemory = () => undefined, fellow } = surroundings;
    this.#nextId = fellow?.nextId ?? countIds();
    this.oversight = new Oversight(registry, usage, snapshot.limits, fellow?.rateParts);
    this.#relieving = new Relieving(
      { registry, stalls: transport.stalls, readTcpMemory },
      snapshot.stalledBytes,
    );
    const options = { onStarved: (fault: Fault) => this.#room.relieve(fault) };
    this.#listeners = new Listeners(transport, options, fellow?.held);
    this.#surroundings = { ...surroundings, turnOf: (client) => this.#relieving.turnOf(client) };
  }

  /** The snapshot of new sessions. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** New sessions get `snapshot`; live ones keep theirs, but for its limits. */
  replace(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.oversight.follow(snapshot.limits);
    this.#relieving.follow(snapshot.stalledBytes);
  }

  /** The process has room for so many sessions from now on. */
  resize(capacity: Capacity): void {
    this.#room.follow(capacity);
  }

  /** Places as they were asked for, for comparing with a new configuration. */
  get listening(): readonly string[] {
    return this.#listeners.asked;
  }

  /** The same as they are bound, with real ports. */
  get bound(): readonly string[] {
    return this.#listeners.bound;
  }

  /** Starts to listen; rejects with the system's error. Gives the bound endpoint, undefined for a Unix socket. */
  listen(plan: EndpointPlan): Promise<Endpoint>;
  listen(plan: ListenPlan): Promise<Endpoint | undefined>;
  listen(plan: ListenPlan): Promise<Endpoint | undefined> {
    return this.#listeners.open(plan, (leg, at) => this.#gate.arrive(leg, plan, at));
  }

  /** The same on a TCP socket that listens already. */
  listenOn(descriptor: number, layers: readonly Layer[] = []): Promise<Endpoint> {
    return this.#listeners.adopt(descriptor, (leg, at) => this.#gate.arrive(leg, { layers }, at));
  }

  /** The same on a Unix socket that listens already. */
  listenOnUnix(socket: AdoptedSocket): Promise<void> {
    return this.#listeners.adoptUnix(socket, (leg, at) => this.#gate.arrive(leg, { layers: [] }, at));
  }

  /** Takes in a client that no listener of this server has accepted. */
  take(leg: Leg): void {
    this.#gate.arrive(leg, { layers: [] });
  }

  /** The descriptors of the listeners, for passing them to another process; they stay the server's. */
  get descriptors(): readonly (number | undefined)[] {
    return this.#listeners.descriptors;
  }

  /** Of the file of a Unix socket, as SocketFile.changeRights(). */
  changeRights(address: string, rights: SocketRights): SocketRights | undefined {
    return this.#listeners.changeRights(address, rights);
  }

  /** Another process listens on the same sockets from now on: the files of Unix sockets stay. */
  leaveFiles(): void {
    this.#listeners.leaveFiles();
  }

  /** Unix sockets that are not listened on any more, and whose files could not be removed. */
  get filesLeft(): readonly string[] {
    return this.#listeners.filesLeft;
  }

  /** Starts to serve: call it once privileges are dropped. Clients that connected before wait until then. */
  open(): void {
    this.#gate.open();
  }

  /** Stops one listener of `listening`. */
  unlisten(address: string): void {
    this.#listeners.close(address);
  }

  /** Stops accepting, waits up to `drainMs` for the sessions, then cuts the rest. */
  async stop(drainMs: number): Promise<void> {
    for (const address of this.listening) this.unlisten(address);
    this.#gate.stop();
    this.#isStopping = true;
    this.registry.endIdle();
    const cutShort = new Promise<void>((resolve) => (this.#stopWaiting = resolve));
    const timer = setTimeout(() => this.cut(), drainMs);
    await Promise.race([this.registry.emptied(), cutShort]);
    clearTimeout(timer);
    this.#turnedAway.stop();
    this.oversight.stop();
    this.#relieving.stop();
  }

  /** Ends every session now; a stop() that waits for them waits CUT_LIMIT_MS more at most. */
  cut(): void {
    this.registry.cutAll();
    setTimeout(() => this.#stopWaiting(), CUT_LIMIT_MS).unref();
  }

  #accept(leg: Leg, arrival: Provenance): void {
    // A hidden client is asked about later: an objection to its balancer shall not end health checks.
    const reason = isHidden(arrival)
      ? undefined
      : whyTurnedAway(this.#snapshot, this.#surroundings.logins, leg.remote.ip);
    if (reason !== undefined) {
      leg.close('reset');
      this.#turnedAway.note(leg.remote, reason);
      return;
    }
    const entry = this.#room.enter(leg.remote, this.#snapshot);
    if (entry !== undefined) this.#begin(leg, entry, arrival);
    // Without a word and without waiting for its FIN: a client too many must not hold a descriptor.
    else leg.close('reset');
  }

  #begin(leg: Leg, entry: Entry, { introduction, listener, comes }: Provenance): void {
    const session = newSession(this.#nextId(), leg.remote, entry);
    session.introduction = introduction;
    session.listener = listener;
    const handshake = new Handshake(session, leg, this.#snapshot, this.#home, comes);
    move(session, 'handshake', handshake, undefined);
    this.registry.add(session);
    if (comes === 'new') this.#surroundings.report({ kind: 'accepted', session });
    void serve(handshake, this.#surroundings).then((activity) => this.#goOn(handshake, activity));
  }

  #goOn({ session, relayLimits }: Handshake, activity: Activity | undefined): void {
    if (activity === undefined) {
      this.#leave(session);
      return;
    }
    move(session, 'relaying', undefined, activity);
    const { rate, stop } = relayLimits;
    // Relays of streams have it from the start; an association hears it here.
    if (rate !== undefined) activity.setRate(rate);
    if (stop !== undefined) this.oversight.letGo(session);
    activity.whenEnded((end) => this.#finish(session, end));
    // It may have been ended while it was on its way from one stage to the next.
    if (session.endReason !== undefined) activity.cut('reset');
  }

  #finish(session: Session, end: ActivityEnd): void {
    this.oversight.book(session, end);
    this.#surroundings.report(endedEvent(session, end));
    this.#leave(session);
  }

  #leave(session: Session): void {
    move(session, 'over', undefined, undefined);
    session.leaveWay?.();
    this.#room.leave(session);
    this.registry.remove(session);
  }

  /** Home.settle: the limits of who it is are those of the newest snapshot. */
  #settle(handshake: Handshake): void {
    const { session, deadline, snapshot } = handshake;
    if (deadline.ended !== undefined) throw deadline.ended;
    move(session, 'executing', handshake, undefined);
    this.registry.settle(session);
    this.#room.settle(session, this.#snapshot.limits);
    const limits = this.oversight.beginLimits(session);
    if (limits !== undefined) handshake.relayLimits = { ...snapshot.relayLimits, ...limits };
    if (this.#relieving.isHeavy(session.client.ip)) {
      handshake.relayLimits = { ...handshake.relayLimits, buffers: 'lean' };
    }
  }
}
