// Where one session is counted.
import type { Account } from './account.ts';

export class Entry {
  readonly total: Account;
  readonly client: Account;
  /** undefined: not known yet, or there is none. */
  user: Account | undefined;
  group: Account | undefined;
  stage: 'handshake' | 'settled' | 'gone' = 'handshake';
  /** Bytes of it that quotas have seen. */
  bookedBytes = 0;

  constructor(total: Account, client: Account) {
    this.total = total;
    this.client = client;
  }

  /** All whom this session counts for, the narrowest first. */
  get accounts(): readonly Account[] {
    return [this.user, this.group, this.client, this.total].filter((each) => each !== undefined);
  }
}
