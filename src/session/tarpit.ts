// Answers to failed logins that are put off, so that guessing takes time. Each holds a connection: their number is bounded.
import type { Deadline } from '../base/deadline.ts';
import type { Ip } from '../base/ip.ts';
import { FairRoom } from '../policy/room/fairroom.ts';
import { ownerOf } from '../policy/room/owner.ts';

/** Beyond it the oldest answer of the client that waits for most is given: failing must not use up our descriptors. */
const MAX_HELD = 256;

export class Tarpit {
  readonly #room = new FairRoom({
    max: MAX_HELD,
    gives: 'oldest',
    gaveWay: (place) => this.#answers[place]?.(),
  });
  /** Functions that end the waiting, by place. */
  readonly #answers: (() => void)[] = [];

  /** Settles after `delayMs`, or sooner where too many are held; rejects with the fault that ends the deadline. */
  async hold(delayMs: number, client: Ip, deadline: Deadline): Promise<void> {
    const place = delayMs === 0 ? undefined : this.#room.take(ownerOf(client));
    if (place === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const waiting = { hasPlace: true };
    const due = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, delayMs);
      this.#answers[place] = () => {
        waiting.hasPlace = false;
        resolve();
      };
    });
    try {
      await deadline.within(due);
    } finally {
      clearTimeout(timer);
      if (waiting.hasPlace) this.#room.release(place);
    }
  }
}
