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
  /** Nobody knows where the client is: the address is that of its balancer. */
  readonly isHidden?: boolean;
  readonly command: AskedCommand;
  /** As the client wrote it. */
  readonly destination: Destination;
}
