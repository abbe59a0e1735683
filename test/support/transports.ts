// Every transport that works on this machine, for the tests that run against each.
import { createEngineTransport } from '../../src/net/engine/engine.ts';
import { loadAddon } from '../../src/net/native/addon.ts';
import { OwnEnds } from '../../src/net/ownends.ts';
import { createStreamsTransport } from '../../src/net/streams/streams.ts';
import type { Transport } from '../../src/net/transport.ts';

const addon = loadAddon();

export const transports: readonly { readonly name: string; readonly create: () => Transport }[] = [
  { name: 'streams', create: createStreamsTransport },
  ...('reason' in addon
    ? []
    : [{ name: 'engine', create: () => createEngineTransport(addon, { relayThreads: 2 }) }]),
];

/** The transport for a server that takes those others on it for strangers, as if each were a process of its own. */
export function apart(transport: Transport): Transport {
  return {
    name: transport.name,
    stalls: transport.stalls,
    own: { tcp: new OwnEnds(), udp: new OwnEnds() },
    listen: (...asked) => transport.listen(...asked),
    listenOn: (...asked) => transport.listenOn(...asked),
    listenUnix: (...asked) => transport.listenUnix(...asked),
    openUdp: (...asked) => transport.openUdp(...asked),
    departureTo: (...asked) => transport.departureTo(...asked),
    dial: (...asked) => transport.dial(...asked),
    relay: (...asked) => transport.relay(...asked),
    close: () => transport.close(),
  };
}
