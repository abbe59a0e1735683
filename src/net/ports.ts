// A port for BIND and UDP ASSOCIATE, out of the kernel's own or of the operator's range, without any socket here.
import { randomInt } from 'node:crypto';
import { Fault } from '../base/fault.ts';
import type { PortRange } from '../config/model/config.ts';
import type { EphemeralPorts } from './native/ephemeralports.ts';

/** The ports to choose from. */
export type PortChoice = PortRange | EphemeralPorts;

/** Ports that are tried before the client is refused. */
const MAX_TRIES = 64;

/** The system's choice, if the range allows it: the kernel knows which ports are taken or reserved. */
const ANY_PORT = 0;
const FIRST_UNPRIVILEGED_PORT = 1024;
const LAST_PORT = 65_535;

const RESOURCE_ERRORS: readonly string[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS'];

/**
 * Opens something at `wanted` if that is in `range`, not reserved and free, else at any other port of `range`;
 * `wanted` 0 means no wish. `open` rejects with the system's error; this rejects with PORT_UNAVAILABLE,
 * RESOURCES_EXHAUSTED or FAMILY_UNSUPPORTED.
 */
export async function openInRange<T>(
  range: PortChoice,
  wanted: number,
  open: (port: number) => Promise<T>,
): Promise<T> {
  let last: unknown;
  for (const port of candidates(range, wanted)) {
    try {
      return await open(port);
    } catch (error) {
      last = error;
      if (!isPortTaken(error)) break;
    }
  }
  throw bindFault(last);
}

/** A random start makes ports hard to guess, and steps of one find the last free port of a small range. */
function* candidates(ports: PortChoice, wanted: number): Generator<number> {
  const { low, high } = ports;
  const reserved = 'reserved' in ports ? ports.reserved : undefined;
  if (isInRange(ports, wanted) && reserved?.some((range) => isInRange(range, wanted)) !== true) yield wanted;
  if (reserved !== undefined || (low <= FIRST_UNPRIVILEGED_PORT && high === LAST_PORT)) {
    yield ANY_PORT;
    return;
  }
  const size = high - low + 1;
  const start = randomInt(size);
  for (let step = 0; step < Math.min(size, MAX_TRIES); step++) yield low + ((start + step) % size);
}

function isInRange({ low, high }: PortRange, port: number): boolean {
  return low <= port && port <= high;
}

/** Whether to try another port. */
function isPortTaken(error: unknown): boolean {
  const code = errnoText(error);
  return code === 'EADDRINUSE' || code === 'EACCES';
}

function bindFault(error: unknown): Fault {
  const code = errnoText(error);
  if (code === 'EAFNOSUPPORT') return new Fault('FAMILY_UNSUPPORTED', error);
  return new Fault(RESOURCE_ERRORS.includes(code) ? 'RESOURCES_EXHAUSTED' : 'PORT_UNAVAILABLE', error);
}

function errnoText(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
