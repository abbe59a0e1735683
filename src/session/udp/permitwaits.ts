// Datagrams for new targets that wait for a decision of the program: it is asked once for each target.
import type { Destination } from '../../protocol/address.ts';
import { DatagramQueue, type RoomShare } from '../datagrams/datagramqueue.ts';
import type { DropReason } from '../datagrams/drops.ts';

/** A target as its header gives it, with that header when it has a name. */
export interface MetTarget {
  readonly place: Destination;
  readonly name: string | undefined;
}

export interface PermitSettings {
  /** As Program.permit, of one association; absent: all may. */
  readonly permit?: ((destination: Destination) => boolean | Promise<boolean>) | undefined;
}

export class PermitWaits {
  readonly #permit: NonNullable<PermitSettings['permit']>;
  readonly #go: (met: MetTarget, payload: Uint8Array) => DropReason | undefined;
  readonly #onDrop: (reason: DropReason | undefined) => void;
  /** By the text of the target. */
  readonly #waiting: DatagramQueue<string>;
  readonly #asked = new Set<string>();

  /** `go` passes a datagram on, or says why not; `onDrop` hears of what waited. */
  constructor(
    { permit = () => true }: PermitSettings,
    share: RoomShare,
    go: (met: MetTarget, payload: Uint8Array) => DropReason | undefined,
    onDrop: (reason: DropReason | undefined) => void,
  ) {
    this.#permit = permit;
    this.#go = go;
    this.#onDrop = onDrop;
    this.#waiting = new DatagramQueue(share, () => onDrop('busy'));
  }

  /** Passes `payload` on, now or later; else says why it is dropped. */
  take(met: MetTarget, key: string, payload: Uint8Array): DropReason | undefined {
    if (this.#asked.has(key)) return this.#waiting.push(key, payload) ? undefined : 'busy';
    const verdict = this.#permit(met.place);
    if (verdict === true) return this.#go(met, payload);
    if (verdict === false) return 'denied';
    if (!this.#waiting.push(key, payload)) return 'busy';
    this.#asked.add(key);
    void verdict.then((isPermitted) => {
      for (const waiting of this.#release(key)) this.#onDrop(isPermitted ? this.#go(met, waiting) : 'denied');
    });
    return undefined;
  }

  /** Drops all waiting datagrams. */
  close(): void {
    this.#waiting.take(() => true);
  }

  /** The payloads that waited for a decision. */
  #release(key: string): readonly Uint8Array[] {
    this.#asked.delete(key);
    return this.#waiting.take((each) => each === key).map(({ payload }) => payload);
  }
}
