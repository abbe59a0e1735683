// Options of the engine's outgoing sockets, and the fault when the system refuses one.
import { Fault } from '../../base/fault.ts';
import { OPTION_STEP, SOCKET_OPTIONS } from '../native/enginelayout.ts';
import { errnoName } from '../native/errno.ts';

/** Absent fields leave the choice to the system. */
export interface SocketOptions {
  /** Leave by this interface (SO_BINDTODEVICE, socket(7)). */
  readonly interface?: string | undefined;
  /** Firewall mark (SO_MARK, socket(7)). */
  readonly mark?: number | undefined;
  /** Probe a silent peer after so many seconds (SO_KEEPALIVE, tcp(7)); for accepted sockets too. */
  readonly keepAliveSeconds?: number | undefined;
  /** Type of service or traffic class, 0 to 255 (IP_TOS, ip(7)). */
  readonly tos?: number | undefined;
  /**
   * The SYN waits for the first bytes and carries them (TCP_FASTOPEN_CONNECT, tcp(7)): dial() then succeeds before
   * the target has answered.
   */
  readonly fastOpen?: boolean | undefined;
  /** A source address need not be this host's (IP_FREEBIND, ip(7)). */
  readonly freeBind?: boolean | undefined;
}

const MOST_INTERFACE_BYTES = 15;
const MOST_MARK = 0xffff_ffff;
const MOST_SECONDS = 32_767;

/** The likely cause when the system refuses an option. */
const HINTS = {
  SO_BINDTODEVICE: 'is the interface there, and does the kernel ask for CAP_NET_RAW?',
  SO_MARK: 'it needs CAP_NET_ADMIN',
  SO_KEEPALIVE: 'is the time out of range?',
  IP_TOS: 'high precedences need CAP_NET_ADMIN',
  TCP_FASTOPEN_CONNECT: 'the kernel lacks it',
  IP_FREEBIND: 'the kernel lacks it',
} as const satisfies Record<(typeof SOCKET_OPTIONS)[number], string>;

/** When relay threads open the pipes through which they splice: `as-needed`, or `ahead`, with the rights of now. */
export type PipeOpening = 'as-needed' | 'ahead';

/** The arguments of the native constructor; RangeError for an impossible value. */
export function nativeOptions(
  options: SocketOptions = {},
  pipes: PipeOpening = 'as-needed',
): [string, number, number, number, number] {
  const { interface: device = '', mark = 0, keepAliveSeconds = 0, tos = 0 } = options;
  if (Buffer.byteLength(device) > MOST_INTERFACE_BYTES || device.includes('\0')) {
    throw new RangeError(`not an interface name: ${JSON.stringify(device)}`);
  }
  mustBeWithin('mark', mark, MOST_MARK);
  mustBeWithin('keepAliveSeconds', keepAliveSeconds, MOST_SECONDS);
  mustBeWithin('tos', tos, 255);
  const socketFlags = (options.fastOpen === true ? 1 : 0) | (options.freeBind === true ? 2 : 0);
  const flags = socketFlags | (pipes === 'ahead' ? 4 : 0);
  return [device, mark, keepAliveSeconds, tos, flags];
}

/** The fault of a dial that failed with `status` because of an option; undefined for other causes. */
export function optionFault(status: number): Fault | undefined {
  const option = SOCKET_OPTIONS[Math.floor(-status / OPTION_STEP) - 1];
  if (option === undefined) return undefined;
  const errno = errnoName(-status % OPTION_STEP);
  return new Fault(
    'CONNECT_FORBIDDEN',
    `cannot set ${option} on an outgoing socket: ${errno} (${HINTS[option]})`,
  );
}

function mustBeWithin(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new RangeError(`socket option ${name} must be 0 to ${most}, not ${value}`);
  }
}
