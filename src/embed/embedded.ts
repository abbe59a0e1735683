// A server as the program that embeds it sees it.
import type { Duplex } from 'node:stream';
import { monotonicMs } from '../base/clock.ts';
import type { Endpoint } from '../base/ip.ts';
import type { Destination } from '../protocol/address.ts';
import type { SessionCommand } from '../session/events.ts';
import type { Server } from '../session/server/server.ts';
import type { Session } from '../session/session.ts';
import { listenPlanOf, mustBeIp, type Listening, type ListenOptions } from './given/listening.ts';
import { TlsListeners, type TlsOptions } from './given/tls.ts';
import { endsOf, isOver, legOf, mustBeStream, unknownEnd } from './given/streams.ts';

/** One live session, as it was when sessions() was called. */
export interface SessionInfo {
  /** As in events. */
  readonly id: number;
  readonly client: Endpoint;
  /** undefined when anonymous, or before the login. */
  readonly user: string | undefined;
  readonly command: SessionCommand | undefined;
  /** As the client has asked for it. */
  readonly destination: Destination | undefined;
  /** The endpoint that was dialled; for BIND the peer that came. */
  readonly dialled: Endpoint | undefined;
  /** The proxies on the way, nearest first. */
  readonly via: string | undefined;
  readonly seconds: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** The client of a stream that does not tell it, for rules, guard, bans and limits. */
export interface AcceptOptions {
  readonly client?: { readonly ip: string; readonly port?: number } | undefined;
}

export interface SocksServerOf<Options> {
  /** Starts to listen, once or several times; port 0 takes a free one. Rejects with the system's error. */
  listen(port: number, host?: string): Promise<Endpoint>;
  /** The same with names; the file of a path goes with the server. */
  listen(where: ListenOptions): Promise<Listening>;
  /**
   * Serves a client that the program has: a socket, or any other Duplex with `options.client`. It counts in the limits like
   * connections of a listener; one that exceeds them is destroyed. Throws TypeError when the client is unknown.
   */
  accept(stream: Duplex, options?: AcceptOptions): void;
  /** The sessions that are open now, the oldest first. */
  sessions(): readonly SessionInfo[];
  /** The number of open sessions. */
  readonly sessionCount: number;
  /** Ends a session at once; false: there is none of that id. */
  kick(id: number): boolean;
  /**
   * Replaces the options that are given, for the sessions to come; limits hold for live ones, too. Throws TypeError, and changes
   * nothing, where one makes no sense. `transport`, `signal` and `metrics` stay as they were.
   */
  update(options: Options): void;
  /**
   * New handshakes at the listeners of `port` go by `tls`, a renewed certificate perhaps; sessions and tickets stay, unless who may come has
   * changed. Throws TypeError, and changes nothing, where it makes no sense.
   */
  renewTls(port: number, tls: TlsOptions): void;
  /** Lets the process end although the server listens. Live sessions go on for as long as they keep it alive. */
  unref(): void;
  /** Stops accepting, waits up to `drainMs` (default 0) for the sessions, then cuts the rest. */
  close(drainMs?: number): Promise<void>;
  /** close(). */
  [Symbol.asyncDispose](): Promise<void>;
}

interface ServerParts<Options> {
  readonly server: Server;
  /** Closed with the server. */
  readonly closing: readonly { close(): void }[];
  /** Throws TypeError, and changes nothing, where an option makes no sense. */
  readonly change: (options: Options) => void;
  readonly unref: () => void;
}

export class EmbeddedServer<Options> implements SocksServerOf<Options> {
  readonly #parts: ServerParts<Options>;
  readonly #tls = new TlsListeners();
  #closing: Promise<void> | undefined;

  constructor(parts: ServerParts<Options>) {
    this.#parts = parts;
  }

  get sessionCount(): number {
    return this.#parts.server.registry.size;
  }

  listen(port: number, host?: string): Promise<Endpoint>;
  listen(where: ListenOptions): Promise<Listening>;
  async listen(where: number | ListenOptions, host?: string): Promise<Listening> {
    this.#mustBeOpen();
    const asked = typeof where === 'number' ? { port: where, host } : where;
    const plain = listenPlanOf(asked);
    const covered = asked.tls === undefined ? undefined : this.#tls.cover(plain, asked.tls);
    const plan = covered?.plan ?? plain;
    const local = await this.#parts.server.listen(plan);
    if (covered !== undefined && local !== undefined) this.#tls.keep(local.port, covered.layer);
    // It may have been closed meanwhile.
    this.#mustBeOpen();
    return local ?? { path: 'path' in plan ? plan.path : '' };
  }

  accept(stream: Duplex, { client }: AcceptOptions = {}): void {
    mustBeStream(stream);
    const named = client && { ip: mustBeIp('client', client.ip), port: client.port ?? 0 };
    const ends = endsOf(stream);
    const remote = named ?? ends?.remote;
    if (remote === undefined && !isOver(stream))
      throw new TypeError(
        'client: this stream has no address; say whose it is, for rules and limits go by that',
      );
    stream.on('error', () => undefined);
    if (remote === undefined || isOver(stream) || this.#closing !== undefined) {
      stream.destroy();
      return;
    }
    this.#parts.server.take(legOf(stream, { remote, local: ends?.local ?? unknownEnd(remote) }));
  }

  sessions(): readonly SessionInfo[] {
    const now = monotonicMs();
    return this.#parts.server.registry.list().map((session) => infoOf(session, now));
  }

  kick(id: number): boolean {
    const { registry } = this.#parts.server;
    const session = registry.list().find((each) => each.id === id);
    if (session !== undefined) registry.end(session, 'kicked');
    return session !== undefined;
  }

  update(options: Options): void {
    this.#mustBeOpen();
    this.#parts.change(options);
  }

  renewTls(port: number, tls: TlsOptions): void {
    this.#mustBeOpen();
    this.#tls.renew(port, tls);
  }

  unref(): void {
    this.#parts.unref();
  }

  close(drainMs = 0): Promise<void> {
    // A second call may have less patience.
    if (this.#closing !== undefined && drainMs === 0) this.#parts.server.cut();
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    await this.#parts.server.stop(drainMs);
    for (const part of this.#parts.closing) part.close();
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new Error('the server is closed');
  }
}

function infoOf(session: Session, now: number): SessionInfo {
  const { id, client, identity, command, destination, dialled, via, activity, startedAtMs } = session;
  const { bytesUp, bytesDown } = activity?.progress() ?? { bytesUp: 0, bytesDown: 0 };
  const user = identity?.kind === 'user' ? identity.name : undefined;
  const seconds = Math.round(now - startedAtMs) / 1000;
  return { id, client, user, command, destination, dialled, via, seconds, bytesUp, bytesDown };
}
