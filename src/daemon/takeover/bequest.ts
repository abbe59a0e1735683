// The listeners that another daemon has sent. It keeps copies, and so may others to whom it gave them, and each copy accepts clients. So
// they are opened anew where we can, and those of the old daemon are closed off in every process that has one (native/relay/renewal.h).
import { closeSync } from 'node:fs';
import { formatEndpoint } from '../../base/ip.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import type { Layer } from '../../net/layer.ts';
import { namesOfSocket } from '../../net/unixlistener.ts';
import type { Addon } from '../../net/native/addon.ts';
import { systemError } from '../../net/native/errno.ts';
import type { Server } from '../../session/server/server.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

/** The layers of the listener at `ADDRESS:PORT`. */
export interface LayersByAddress {
  at(address: string): readonly Layer[];
}

/** A daemon that serves on listeners of others. */
export type Adopting = Pick<Server, 'listenOn' | 'listenOnUnix'>;

interface Inherited {
  /** `ADDRESS:PORT` or `unix:PATH`, as the old daemon has named it. */
  readonly address: string;
  readonly old: number;
  /** Our own listener at the same address; undefined when the system refuses it. */
  fresh: number | undefined;
}

export class Bequest {
  readonly #addon: Addon;
  #listeners: readonly Inherited[];

  /** `descriptors` in the order of `addresses`; further ones are no listeners of clients. */
  constructor(addon: Addon, addresses: readonly string[], descriptors: readonly number[]) {
    this.#addon = addon;
    this.#listeners = addresses.flatMap((address, at) => {
      const old = descriptors[at];
      return old === undefined ? [] : [{ address, old, fresh: undefined }];
    });
  }

  /** Binds the `wanted` ones anew, which ports below 1024 need root for, and closes the others. */
  renew(wanted: readonly string[]): void {
    const isWanted = ({ address }: Inherited): boolean => wanted.includes(address);
    for (const { old } of this.#listeners.filter((each) => !isWanted(each))) closeSync(old);
    this.#listeners = this.#listeners.filter(isWanted);
    for (const each of this.#listeners.filter(({ address }) => pathOf(address) === undefined)) {
      const fresh = this.#addon.renewListener(each.old);
      if (fresh >= 0) each.fresh = fresh;
    }
  }

  /**
   * New clients reach this process from now on. Rejects with StartFailure (71) when a descriptor is no listener at its address.
   */
  async serve(server: Adopting, covers: LayersByAddress): Promise<void> {
    for (const each of this.#listeners) {
      const why = await this.#serveOne(server, covers, each).catch((error: unknown) => systemReason(error));
      if (why === undefined) continue;
      const what = `takeover: cannot serve on the old daemon's listener ${each.address}`;
      throw new StartFailure(EXIT.OS_ERROR, `${what}: ${why}`);
    }
  }

  /** Why it is no listener at its address; undefined when it is. */
  async #serveOne(server: Adopting, covers: LayersByAddress, each: Inherited): Promise<string | undefined> {
    const path = pathOf(each.address);
    if (path === undefined) {
      const bound = formatEndpoint(await server.listenOn(this.#start(each), covers.at(each.address)));
      return bound === each.address ? undefined : `it is ${bound}`;
    }
    const name = this.#addon.unixName(each.old);
    if (!namesOfSocket(path).includes(String(name))) return `it is ${name}`;
    await server.listenOnUnix({ descriptor: each.old, path, file: 'ours' });
    return undefined;
  }

  /** The descriptor to serve on. */
  #start(each: Inherited): number {
    if (each.fresh === undefined) return each.old;
    if (this.#addon.startListener(each.fresh) === 0) return each.fresh;
    closeSync(each.fresh);
    each.fresh = undefined;
    return each.old;
  }

  /** Stops all copies of newly opened listeners. Returns a sentence about listeners that other processes may still hold. */
  closeOff(): string | undefined {
    const shared: string[] = [];
    for (const { address, old, fresh } of this.#listeners) {
      // The name of a Unix socket stays what it is only with the socket itself.
      if (pathOf(address) !== undefined) continue;
      if (fresh === undefined) {
        shared.push(address);
        continue;
      }
      const status = this.#addon.closeListenerOff(old);
      if (status < 0)
        shared.push(`${address} (${systemReason(systemError('setsockopt', -status, address))})`);
      closeSync(old);
    }
    this.#listeners = [];
    if (shared.length === 0) return undefined;
    return (
      `whoever has a copy of the old daemon's listeners may go on accepting clients at ${shared.join(', ')}; ` +
      'where the old daemon is not trusted, stop both and start anew'
    );
  }
}

/** undefined for TCP. */
function pathOf(address: string): string | undefined {
  return /^unix:(.*)$/s.exec(address)?.[1];
}
