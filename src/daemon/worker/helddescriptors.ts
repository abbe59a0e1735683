// Descriptors of listeners that the parent has passed, until the server takes them. Each message of the descriptor socket carries one;
// it is sent before the line that names it, so it is there when it is asked for.
import { closeSync } from 'node:fs';
import { formatPlace } from '../../net/layer.ts';
import type { Addon } from '../../net/native/addon.ts';
import { receiveDescriptors } from '../../net/native/descriptors.ts';
import type { ListenPlace } from '../workers/parentmessage.ts';

export class HeldDescriptors {
  readonly #addon: Addon;
  readonly #socket: number;
  readonly #held = new Map<string, { readonly at: ListenPlace; readonly descriptor: number }>();

  constructor(addon: Addon, socket: number) {
    this.#addon = addon;
    this.#socket = socket;
  }

  /** Receives those of `places`, in this order. Throws the system's error. */
  take(places: readonly ListenPlace[]): void {
    for (const at of places) {
      const place = formatPlace(at);
      const [descriptor] = receiveDescriptors(this.#addon, this.#socket).descriptors;
      if (descriptor === undefined) throw new Error(`no descriptor came for ${place}`);
      this.forget(place);
      this.#held.set(place, { at, descriptor });
    }
  }

  /** Gives the descriptor of a place away. */
  readonly give = (place: string): number | undefined => {
    const descriptor = this.#held.get(place)?.descriptor;
    this.#held.delete(place);
    return descriptor;
  };

  /** Places whose descriptors were not taken. */
  get left(): readonly ListenPlace[] {
    return [...this.#held.values()].map(({ at }) => at);
  }

  forget(place: string): void {
    const descriptor = this.give(place);
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
