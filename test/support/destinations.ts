// Endpoints and destinations for property tests.
import fc from 'fast-check';
import { ipFromBytes, unmapIp, type Endpoint } from '../../src/base/ip.ts';
import type { Destination } from '../../src/protocol/address.ts';

const port = fc.nat(0xffff);
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

export const ipv4Endpoint: fc.Arbitrary<Endpoint> = fc.record({ ip: bytes(4).map(ipFromBytes), port });
export const endpoint: fc.Arbitrary<Endpoint> = fc.oneof(
  ipv4Endpoint,
  fc.record({ ip: bytes(16).map((each) => unmapIp(ipFromBytes(each))), port }),
);

export const name: fc.Arbitrary<Destination> = fc
  .array(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,62}$/), { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'))
  .filter((text) => text.length <= 253)
  .chain((text) => port.map((at): Destination => ({ kind: 'name', name: text, port: at })));

export const destination: fc.Arbitrary<Destination> = fc.oneof(
  endpoint.map((each): Destination => ({ kind: 'ip', ...each })),
  name,
);
