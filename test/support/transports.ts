// Every transport that works on this machine, for the tests that run against each.
import { createStreamsTransport } from '../../src/net/streams.ts';
import type { Transport } from '../../src/net/transport.ts';

export const transports: readonly { readonly name: string; readonly create: () => Transport }[] = [
  { name: 'streams', create: createStreamsTransport },
];
