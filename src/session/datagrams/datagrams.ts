// State that all UDP associations share: room for their peers and for waiting datagrams, and the reply budgets. Made with the
// first association: a daemon that relays no UDP does not pay for it.
import { ReplyBudgets } from '../../policy/udp/replybudget.ts';
import { DatagramRoom } from './datagramqueue.ts';
import { PeerTable } from './peertable.ts';

export class Datagrams {
  readonly waiting = new DatagramRoom();
  readonly #maxPeers: number;
  #peers: PeerTable | undefined;
  #replies: ReplyBudgets | undefined;

  /** `maxPeers`: as in PeerTable. */
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
