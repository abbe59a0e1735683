// The listeners of a daemon with workers: opened, adopted and closed by the parent as a server does with its own, and known to the
// workers, who accept on copies of them.
import type { Endpoint } from '../../base/ip.ts';
import { formatPlace, type EndpointPlan, type ListenPlan } from '../../net/layer.ts';
import type { SocketRights } from '../../net/socketfile.ts';
import type { AdoptedSocket } from '../../net/unixlistener.ts';
import { Listeners } from '../../session/server/listeners.ts';
import type { Covers } from '../listeners/covers.ts';
import type { Doorkeeper } from '../listeners/doorkeeper.ts';
import type { ListeningPart } from './holding.ts';
import type { ListenPlace } from '../workers/parentmessage.ts';

/** What has changed since it was asked last. */
export interface Changes {
  readonly added: readonly ListenPlace[];
  readonly removed: readonly string[];
}

const NOBODY = (): void => undefined;

export class HeldListeners implements Doorkeeper {
  readonly #listeners: Listeners;
  readonly #covers: Covers;
  readonly #places = new Map<string, ListenPlace>();
  #added = new Map<string, ListenPlace>();
  #removed: string[] = [];

  constructor(transport: ListeningPart, covers: Covers) {
    this.#covers = covers;
    this.#listeners = new Listeners(transport, {});
  }

  get listening(): readonly string[] {
    return this.#listeners.asked;
  }

  get bound(): readonly string[] {
    return this.#listeners.bound;
  }

  get descriptors(): readonly (number | undefined)[] {
    return this.#listeners.descriptors;
  }

  get filesLeft(): readonly string[] {
    return this.#listeners.filesLeft;
  }

  /** All that are open. */
  get places(): readonly ListenPlace[] {
    return this.#covered(this.listening.flatMap((place) => this.#places.get(place) ?? []));
  }

  listen(plan: EndpointPlan): Promise<Endpoint>;
  listen(plan: ListenPlan): Promise<Endpoint | undefined>;
  async listen(plan: ListenPlan): Promise<Endpoint | undefined> {
    const endpoint = await this.#listeners.open(plan, NOBODY);
    this.#add('path' in plan ? { path: plan.path } : { endpoint: plan.endpoint });
    return endpoint;
  }

  async listenOn(descriptor: number): Promise<Endpoint> {
    const endpoint = await this.#listeners.adopt(descriptor, NOBODY);
    this.#add({ endpoint });
    return endpoint;
  }

  async listenOnUnix(socket: AdoptedSocket): Promise<void> {
    await this.#listeners.adoptUnix(socket, NOBODY);
    this.#add({ path: socket.path });
  }

  unlisten(place: string): void {
    this.#listeners.close(place);
    this.#places.delete(place);
    if (!this.#added.delete(place)) this.#removed.push(place);
  }

  changeRights(place: string, rights: SocketRights): SocketRights | undefined {
    return this.#listeners.changeRights(place, rights);
  }

  leaveFiles(): void {
    this.#listeners.leaveFiles();
  }

  /** The descriptor of a place that is open. */
  descriptorOf(place: ListenPlace): number {
    const descriptor = this.descriptors[this.listening.indexOf(formatPlace(place))];
    if (descriptor === undefined) throw new Error(`${formatPlace(place)} is not listened on`);
    return descriptor;
  }

  takeChanges(): Changes {
    const changes = { added: this.#covered([...this.#added.values()]), removed: this.#removed };
    this.#added = new Map();
    this.#removed = [];
    return changes;
  }

  /** Whether they speak TLS may change with a reload. */
  #covered(places: readonly ListenPlace[]): readonly ListenPlace[] {
    const covered = new Set(this.#covers.covered);
    return places.map((place) => (covered.has(formatPlace(place)) ? { ...place, tls: true } : place));
  }

  #add(at: ListenPlace): void {
    const place = formatPlace(at);
    this.#places.set(place, at);
    this.#added.set(place, at);
  }
}
