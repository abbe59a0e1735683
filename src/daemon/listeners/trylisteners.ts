// Tries the listeners of a configuration: they are bound and closed again, and never listen. Ports of our own daemon count as
// free for the next one.
import { createServer } from 'node:net';
import { formatEndpoint, familyOf, ipToBytes, type Endpoint } from '../../base/ip.ts';
import type { Config } from '../../config/model/config.ts';
import { formatPlace, type EndpointPlan, type ListenPlan } from '../../net/layer.ts';
import { namesOfSocket, socketInTheWay } from '../../net/unixlistener.ts';
import type { Addon } from '../../net/native/addon.ts';
import { systemError } from '../../net/native/errno.ts';
import type { Incumbent } from '../takeover/incumbent.ts';
import { findHolders, findUnixHolders, type PortHolder } from '../takeover/portholders.ts';
import { StartFailure } from '../unix/exit.ts';
import { openListeners, wantedListeners, type Listens } from './listen.ts';

export interface Trying {
  readonly addon: Addon | undefined;
  readonly incumbent: Incumbent;
  /** Whether another account starts the daemon, with rights and a view of processes that we lack. */
  readonly isForOthers: boolean;
  /** Hears what this account cannot tell. */
  readonly note: (sentence: string) => void;
}

/** Rejects with the StartFailure of a start. */
export async function tryListeners(config: Config, trying: Trying): Promise<void> {
  const attempt = new TrialListeners(config, trying);
  try {
    await openListeners(attempt, await wantedListeners(config, []));
  } catch (error) {
    if (!(error instanceof StartFailure) || attempt.holders.length === 0) throw error;
    const who = attempt.holders.map(({ pid, name }) => `${name}, process ${pid}`).join('; ');
    throw new StartFailure(error.status, `${error.message} (${who})`, error);
  }
}

class TrialListeners implements Listens {
  readonly listening: string[] = [];
  /** Processes at the last address that was taken. */
  holders: readonly PortHolder[] = [];
  readonly #config: Config;
  readonly #trying: Trying;

  constructor(config: Config, trying: Trying) {
    this.#config = config;
    this.#trying = trying;
  }

  listen(plan: EndpointPlan): Promise<Endpoint>;
  listen(plan: ListenPlan): Promise<Endpoint | undefined>;
  async listen(plan: ListenPlan): Promise<Endpoint | undefined> {
    if ('path' in plan) await this.#tryPath(plan.path);
    else await this.#tryEndpoint(plan.endpoint);
    this.listening.push(formatPlace(plan));
    return 'path' in plan ? undefined : plan.endpoint;
  }

  /** Nothing is made and nothing removed; whether the folder may be written to is a question of the files that root makes. */
  async #tryPath(path: string): Promise<void> {
    const obstacle = await socketInTheWay(path);
    const { incumbent, isForOthers, note } = this.#trying;
    if (obstacle?.code === 'EADDRINUSE') {
      if (incumbent.listen.includes(formatPlace({ path }))) return;
      this.holders = findUnixHolders(namesOfSocket(path));
      if (this.holders.some(({ pid }) => incumbent.pids.has(pid))) return;
      if (isForOthers && this.holders.length === 0) {
        note(`whether it is this daemon that listens at ${path} already`);
        return;
      }
    }
    if (obstacle !== undefined) throw obstacle;
  }

  async #tryEndpoint(address: Endpoint): Promise<void> {
    const failure = await this.#bind(address);
    const { code } = failure ?? {};
    if (
      failure !== undefined &&
      !(code === 'EADDRINUSE' && this.#isFree(address)) &&
      !this.#isRight(failure, address)
    )
      throw failure;
  }

  unlisten(): void {
    // Nothing is open.
  }

  async #bind(address: Endpoint): Promise<NodeJS.ErrnoException | undefined> {
    const { addon } = this.#trying;
    if (addon === undefined) return bindWithNode(address);
    const status = addon.tryListener(ipToBytes(address.ip), address.port, this.#config.freeBind ? 1 : 0);
    return status < 0 ? systemError('listen', -status, formatEndpoint(address)) : undefined;
  }

  /** Whether the daemon that holds the address is ours. */
  #isFree(address: Endpoint): boolean {
    const { incumbent, isForOthers, note } = this.#trying;
    if (incumbent.listen.includes(formatEndpoint(address))) return true;
    this.holders = findHolders(address);
    if (this.holders.some(({ pid }) => incumbent.pids.has(pid))) return true;
    if (this.holders.length > 0) return false;
    if (isForOthers) note(`whether it is this daemon that listens on ${formatEndpoint(address)} already`);
    return isForOthers || (incumbent.pids.size > 0 && process.platform !== 'linux');
  }

  #isRight({ code }: NodeJS.ErrnoException, address: Endpoint): boolean {
    const { isForOthers, note } = this.#trying;
    if (code !== 'EACCES' || !isForOthers) return false;
    note(`whether ${formatEndpoint(address)} is free`);
    return true;
  }
}

/** Node binds only to listen. */
function bindWithNode({ ip, port }: Endpoint): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host: ip, port, ipv6Only: familyOf(ip) === 6 }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}
