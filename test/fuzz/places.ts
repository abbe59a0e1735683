// Where the sessions of the fuzzer may go, and where not. Addresses are fixed; ports are known only when a house
// stands, so that scripts hold two bytes in their place: the same seed gives the same scripts in every run.
import { ip } from '../support/ip.ts';

/** The one address that the rules of the house allow, with its echo servers. */
export const HERE = ip('127.77.0.1');
/** Every other address is forbidden; tripwires listen on these. */
export const TRIPWIRES = ['127.77.0.2', '127.77.0.3', '127.77.0.0', '127.0.0.1', '::1'].map(ip);

/** Stands for the port of the echo servers, and of the tripwires. */
export const ECHO_MARK = Uint8Array.of(0xe1, 0xc0);
/** Stands for a port of HERE on which nobody listens. */
export const CLOSED_MARK = Uint8Array.of(0xe1, 0xc1);

export interface Ports {
  readonly echo: number;
  readonly closed: number;
}

/** `bytes` with real ports. */
export function withPorts(bytes: Uint8Array, ports: Ports): Buffer {
  const real = Buffer.from(bytes);
  for (let at = real.indexOf(ECHO_MARK); at >= 0; at = real.indexOf(ECHO_MARK, at + 2)) {
    real.writeUInt16BE(ports.echo, at);
  }
  for (let at = real.indexOf(CLOSED_MARK); at >= 0; at = real.indexOf(CLOSED_MARK, at + 2)) {
    real.writeUInt16BE(ports.closed, at);
  }
  return real;
}
