// Endpoints and host names of all kinds, for property tests.
import fc from 'fast-check';
import { ipFromBytes, unmapIp } from '../../src/base/ip.ts';

export const port = fc.nat(0xffff);

export const endpoint = fc.record({
  ip: fc
    .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
    .map((bytes) => unmapIp(ipFromBytes(bytes))),
  port,
});

const label = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,30}$/);

export const hostName = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));
