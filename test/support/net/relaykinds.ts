// The kinds of relays: of each transport, and with a stream of the program on one side.
import { streamOf } from '../../../src/net/streams/legstream.ts';
import { StreamLeg } from '../../../src/net/streams/streamleg.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { transports } from '../transports.ts';

export const KIB = 1024;

/** The same, except that what leads to the target is not the transport's own, as with TLS. */
function withStreams(transport: Transport): Transport {
  return {
    name: transport.name,
    stalls: transport.stalls,
    own: transport.own,
    listen: (...asked) => transport.listen(...asked),
    listenOn: (...asked) => transport.listenOn(...asked),
    listenUnix: (...asked) => transport.listenUnix(...asked),
    openUdp: (...asked) => transport.openUdp(...asked),
    departureTo: (...asked) => transport.departureTo(...asked),
    dial: (...asked) => transport.dial(...asked),
    relay: (client, target, limits) => {
      const { remote, local } = target;
      return transport.relay(client, new StreamLeg(streamOf(target).carrier, remote, local), limits);
    },
    close: () => transport.close(),
  };
}

export const KINDS = transports.flatMap(({ name, create }) => [
  { name, create },
  { name: `${name}, to a stream of Node`, create: () => withStreams(create()) },
]);
