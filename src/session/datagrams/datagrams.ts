// What all UDP associations share: room for their peers and for datagrams that wait, and what each client may send to whom. Made with the first association: a
// daemon that relays no UDP does not pay for it.
import { ReplyBudgets } from '../../policy/udp/replybudget.ts';
import { DatagramRoom } from './datagramqueue.ts';
import { PeerTable } from './peertable.ts';

export class Datagrams {
  readonly waiting = new DatagramRoom();
  readonly #maxPeers: number;
  #peers: PeerTable | undefined;
  #replies: ReplyBudgets | undefined;

  /** `maxPeers`: as PeerTable has it. */
  constructor(maxPeers: number) {
    this.#maxPeers = maxPeers;
  }

  get peers(): PeerTable {
    this.#peers ??= new PeerTable(this.#maxPeers);
    return this.#peers;
  }

  get replies(): ReplyBudgets {
    this.#replies ??= new ReplyBudgets();
    return this.#replies;
  }
}
