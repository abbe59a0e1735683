// Every transport that works on this machine, for the tests that run against each.
import { loadAddon } from '../../src/net/addon.ts';
import { createEngineTransport } from '../../src/net/engine.ts';
import { createStreamsTransport } from '../../src/net/streams.ts';
import type { Transport } from '../../src/net/transport.ts';

const addon = loadAddon();

export const transports: readonly { readonly name: string; readonly create: () => Transport }[] = [
  { name: 'streams', create: createStreamsTransport },
  ...('reason' in addon
    ? []
    : [{ name: 'engine', create: () => createEngineTransport(addon, { relayThreads: 2 }) }]),
];
