// Connecting to the destination of a client. The caller's rules admit each address just before its attempt, so the
// address that was checked is the address that is dialled, whatever a name resolves to.
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import type { FamilyChoice } from '../../config/model/config.ts';
import type { Destination } from '../../protocol/address.ts';
import type { Resolver } from '../names/resolve.ts';
import type { Leg, LocalBinding, SocketMarks, Transport } from '../transport.ts';
import { race, type Pace } from './race.ts';

/** The way in which a session leaves this host. */
export interface Departure extends SocketMarks {
  /** At most one source address for each family; without any the system chooses. */
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
 * Connects within `deadline`, look-ups included. Rejects with a Fault: that of `admit`, SOURCE_UNAVAILABLE,
 * FAMILY_UNSUPPORTED if `family` forbids the address, a fault of the name, a fault of connecting, or the reason for
 * which `deadline` ended. Forbidden addresses of a name are skipped; if all others failed, the most telling failure
 * is reported.
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
      ...resolver.lookup(destination.name, plan.client, (family) => familyObjection(family, plan)),
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
  const denial = plan.admit(endpoint.ip) ?? familyObjection(familyOf(endpoint.ip), plan);
  if (denial !== undefined) return denial;
  return transport.dial(endpoint, bindingFor(plan, endpoint.ip), deadline);
}

/** The objection to every address of `family`; undefined: there is none. */
export function familyObjection(
  family: 4 | 6,
  { source, family: choice = 'any' }: Departure,
): Fault | undefined {
  const other = family === 4 ? '6' : '4';
  if (choice === other) return new Fault('FAMILY_UNSUPPORTED', `family = ${choice}`);
  if (source.length === 0 || source.some((ip) => familyOf(ip) === family)) return undefined;
  return new Fault('SOURCE_UNAVAILABLE');
}

/** The binding for `ip`, to whose family there is no objection. */
export function bindingFor({ source, device, mark }: Departure, ip: Ip): LocalBinding {
  if (source.length === 0 && device === undefined && mark === undefined) return SYSTEM_CHOICE;
  const family = familyOf(ip);
  return { source: source.find((candidate) => familyOf(candidate) === family), device, mark };
}
