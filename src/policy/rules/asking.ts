// The question that a session asks the rules.
import type { Ip } from '../../base/ip.ts';
import type { RequestCommand } from '../../config/model/config.ts';
import type { Destination } from '../../protocol/address.ts';
import type { Identity } from '../identity.ts';

export type AskedCommand = Exclude<RequestCommand, 'all'>;

/** A request that the rules are asked about. */
export interface Asking {
  readonly identity: Identity;
  readonly client: Ip;
  /** The client's own address is unknown: this one is its balancer's. */
  readonly isHidden?: boolean;
  readonly command: AskedCommand;
  /** As the client wrote it. */
  readonly destination: Destination;
}
