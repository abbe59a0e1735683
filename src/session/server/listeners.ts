// The listeners of a server, by the places that were asked for: endpoints of TCP and Unix sockets.
import { formatEndpoint, type Endpoint } from '../../base/ip.ts';
import type { DescriptorOf } from '../../net/listener.ts';
import { formatPlace, type EndpointPlan, type ListenPlan } from '../../net/layer.ts';
import type { SocketRights } from '../../net/socketfile.ts';
import type { Leg, Listener, ListenerOptions, Transport } from '../../net/transport.ts';
import {
  listenAtPath,
  listenAtSocket,
  type AdoptedSocket,
  type PathListener,
} from '../../net/unixlistener.ts';

/** `at`: the listener as it is bound. */
type OnLeg = (leg: Leg, at: string) => void;

type ListeningTransport = Pick<Transport, 'listen' | 'listenOn' | 'listenUnix'>;

interface OpenListener {
  /** As it is bound, with the real port. */
  readonly at: string;
  readonly listener: Listener | PathListener;
}

export class Listeners {
  /** Unix sockets that are not listened on any more, and whose files could not be removed. */
  readonly filesLeft: string[] = [];
  readonly #transport: ListeningTransport;
  readonly #options: ListenerOptions;
  readonly #held: DescriptorOf | undefined;
  readonly #open = new Map<string, OpenListener>();

  /** `held`: the descriptors of listeners that are open already, by their places; where it is given, no others are opened. */
  constructor(transport: ListeningTransport, options: ListenerOptions, held?: DescriptorOf) {
    this.#transport = transport;
    this.#options = options;
    this.#held = held;
  }

  get asked(): readonly string[] {
    return [...this.#open.keys()];
  }

  get bound(): readonly string[] {
    return [...this.#open.values()].map(({ at }) => at);
  }

  get descriptors(): readonly (number | undefined)[] {
    return [...this.#open.values()].map(({ listener }) => listener.descriptor);
  }

  /** Gives the bound endpoint, undefined for a Unix socket. Rejects with the system's error. */
  async open(plan: ListenPlan, onLeg: OnLeg): Promise<Endpoint | undefined> {
    const asked = formatPlace(plan);
    if (this.#held !== undefined) return this.#take(this.#held(asked), plan, onLeg);
    if ('path' in plan) {
      const heard = (leg: Leg): void => onLeg(leg, asked);
      this.#keep(asked, await listenAtPath(this.#transport, plan, heard, this.#options));
      return undefined;
    }
    return this.#openEndpoint(plan, asked, onLeg);
  }

  /** The same on a TCP socket that listens already. */
  async adopt(descriptor: number, onLeg: OnLeg): Promise<Endpoint> {
    let at = '';
    const heard = (leg: Leg): void => onLeg(leg, at);
    const listener = await this.#transport.listenOn(descriptor, heard, this.#options);
    at = formatEndpoint(listener.local);
    this.#keep(at, listener);
    return listener.local;
  }

  /** The same on a Unix socket that listens already. */
  async adoptUnix(socket: AdoptedSocket, onLeg: OnLeg): Promise<void> {
    const at = formatPlace(socket);
    const heard = (leg: Leg): void => onLeg(leg, at);
    this.#keep(at, await listenAtSocket(this.#transport, socket, heard, this.#options));
  }

  close(asked: string): void {
    const listener = this.#open.get(asked)?.listener;
    this.#open.delete(asked);
    if (listener === undefined) return;
    if (!('remove' in listener)) listener.close();
    else if (listener.remove()) this.filesLeft.push(asked);
  }

  /** Of the file of a Unix socket, as SocketFile.changeRights(). */
  changeRights(asked: string, rights: SocketRights): SocketRights | undefined {
    const listener = this.#open.get(asked)?.listener;
    return listener !== undefined && 'changeRights' in listener ? listener.changeRights(rights) : undefined;
  }

  /** Another process listens on the same sockets from now on: the files of Unix sockets stay. */
  leaveFiles(): void {
    for (const { listener } of this.#open.values()) if ('leave' in listener) listener.leave();
  }

  async #take(descriptor: number | undefined, plan: ListenPlan, onLeg: OnLeg): Promise<Endpoint | undefined> {
    const asked = formatPlace(plan);
    if (descriptor === undefined)
      throw Object.assign(new Error(`${asked} is not held`), { code: 'ENOTHELD' });
    if ('path' in plan) {
      await this.adoptUnix({ descriptor, path: plan.path, file: 'others' }, onLeg);
      return undefined;
    }
    let at = asked;
    const heard = (leg: Leg): void => onLeg(leg, at);
    const listener = await this.#transport.listenOn(descriptor, heard, this.#options);
    at = formatEndpoint(listener.local);
    this.#open.set(asked, { at, listener });
    return listener.local;
  }

  async #openEndpoint(plan: EndpointPlan, asked: string, onLeg: OnLeg): Promise<Endpoint> {
    let at = asked;
    const heard = (leg: Leg): void => onLeg(leg, at);
    const listener = await this.#transport.listen(plan.endpoint, heard, this.#options);
    at = formatEndpoint(listener.local);
    // Port 0 may be asked for again and again.
    this.#open.set(this.#open.has(asked) ? at : asked, { at, listener });
    return listener.local;
  }

  #keep(at: string, listener: Listener | PathListener): void {
    this.#open.set(at, { at, listener });
  }
}
