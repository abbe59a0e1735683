// Connects to where a client wants to go. Each address is admitted by the caller's rules before its attempt, so
// what is checked is what is dialled, whatever a name resolves to.
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import type { FamilyChoice } from '../../config/model/config.ts';
import type { Destination } from '../../protocol/address.ts';
import type { Resolver } from '../names/resolve.ts';
import type { Leg, LocalBinding, SocketMarks, Transport } from '../transport.ts';
import { race, type Pace } from './race.ts';

/** How a session leaves this host. */
export interface Departure extends SocketMarks {
  /** At most one address for each family; without any the system chooses. */
  readonly source: readonly Ip[];
  /** absent: any. */
  readonly family?: FamilyChoice | undefined;
}

export interface DialPlan extends Departure {
  readonly destination: Destination;
  readonly client: Ip;
  /** Called with each address before its attempt; a Fault (REQUEST_DENIED, GUARD_DENIED) forbids it. */
  readonly admit: (ip: Ip) => Fault | undefined;
}

const SYSTEM_CHOICE: LocalBinding = {};

/**
 * Connects within `deadline`, look-ups included; rejects with a Fault: that of `admit`, SOURCE_UNAVAILABLE,
 * FAMILY_UNSUPPORTED where `family` forbids it, the name faults, the connecting faults, or the reason why `deadline` ended. Of several addresses of a name
 * the forbidden ones are skipped; when all of them failed the most telling failure is the one.
 */
export function dial(
  transport: Pick<Transport, 'dial'>,
  resolver: Resolver,
  plan: DialPlan,
  deadline: Deadline,
  pace?: Pace,
): Promise<Leg> {
  const { destination } = plan;
  if (destination.kind === 'ip') {
    const attempt = dialAddress(transport, plan, destination, deadline);
    return attempt instanceof Fault ? Promise.reject(attempt) : attempt;
  }
  const { port } = destination;
  return race(
    {
      ...resolver.lookup(destination.name, plan.client, (family) => objectionTo(family, plan)),
      first: plan.family === 'prefer-4' ? 4 : 6,
    },
    (address, attempt) => dialAddress(transport, plan, { ip: address, port }, attempt),
    deadline,
    pace,
  );
}

function dialAddress(
  transport: Pick<Transport, 'dial'>,
  plan: DialPlan,
  endpoint: Endpoint,
  deadline: Deadline,
): Promise<Leg> | Fault {
  const denial = plan.admit(endpoint.ip) ?? objectionTo(familyOf(endpoint.ip), plan);
  if (denial !== undefined) return denial;
  return transport.dial(endpoint, bindingFor(plan, endpoint.ip), deadline);
}

/** Why no address of `family` can be dialled; undefined: it can. */
export function objectionTo(family: 4 | 6, { source, family: choice = 'any' }: Departure): Fault | undefined {
  const other = family === 4 ? '6' : '4';
  if (choice === other) return new Fault('FAMILY_UNSUPPORTED', `family = ${choice}`);
  if (source.length === 0 || source.some((ip) => familyOf(ip) === family)) return undefined;
  return new Fault('SOURCE_UNAVAILABLE');
}

/** How to leave for `ip`, to whose family there is no objection. */
export function bindingFor({ source, device, mark }: Departure, ip: Ip): LocalBinding {
  if (source.length === 0 && device === undefined && mark === undefined) return SYSTEM_CHOICE;
  const family = familyOf(ip);
  return { source: source.find((candidate) => familyOf(candidate) === family), device, mark };
}
