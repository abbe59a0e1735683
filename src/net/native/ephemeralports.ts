// The ports that the kernel gives to sockets that ask for none (ip(7), ip_local_port_range). Services listen outside
// of this range, so a client that holds some of its ports keeps no service of this host from starting.
import { readFileSync } from 'node:fs';
import type { PortRange } from '../../config/model/config.ts';

export interface EphemeralPorts extends PortRange {
  /** Ports of the range that are given only on request (ip_local_reserved_ports). */
  readonly reserved: readonly PortRange[];
}

/** The dynamic ports of RFC 6335 section 6, for systems that do not tell theirs. */
const DYNAMIC_PORTS: PortRange = { low: 49_152, high: 65_535 };

/** The ports of this network namespace, in both families. Read them before a chroot. */
export function readEphemeralPorts(folder = '/proc/sys/net/ipv4'): EphemeralPorts {
  const [range = DYNAMIC_PORTS] = parseRanges(read(`${folder}/ip_local_port_range`).replace(/\s+/, '-'));
  return { ...range, reserved: parseRanges(read(`${folder}/ip_local_reserved_ports`)) };
}

/** Empty if the kernel has no such file. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return '';
  }
}

/** Reads `8080,9148-9200`. */
function parseRanges(text: string): readonly PortRange[] {
  return text.split(',').flatMap((item) => {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(item.trim()) ?? [];
    return first === '' ? [] : [{ low: Number(first), high: Number(last) }];
  });
}
