// Open listeners on which the parent accepts nobody: it holds them for its workers. If it polled one it would accept clients
// that it cannot serve.
import { closeSync } from 'node:fs';
import { ipFromBytes, type Endpoint } from '../../base/ip.ts';
import { inZone } from '../../base/zoned.ts';
import type { Config } from '../../config/model/config.ts';
import type { Addon } from '../../net/native/addon.ts';
import { systemError } from '../../net/native/errno.ts';
import { ZoneIndex } from '../../net/native/zoneindex.ts';
import type { Listener, Transport } from '../../net/transport.ts';

/** Bytes of an IPv6 address and of its zone. */
const ZONED_SIZE = 20;
const ZONE_AT = 16;

export type ListeningPart = Pick<Transport, 'listen' | 'listenOn' | 'listenUnix'>;

export function holdingTransport(addon: Addon, { keepAliveMs, freeBind }: Config): ListeningPart {
  const zones = new ZoneIndex(addon);
  const keepAliveSeconds = keepAliveMs === 0 ? 0 : Math.max(1, Math.round(keepAliveMs / 1000));
  const must = (status: number, subject: string): number => {
    if (status < 0) throw systemError('listen', -status, subject);
    return status;
  };
  const held = (descriptor: number): Listener => ({
    descriptor,
    local: localEnd(addon, zones, descriptor),
    close: () => closeSync(descriptor),
  });
  const open = ({ ip, port }: Endpoint): number =>
    addon.openListener(zones.bytesOf(ip), port, keepAliveSeconds, freeBind ? 1 : 0);
  return {
    // Async, so that what the system refuses is a rejection.
    // eslint-disable-next-line @typescript-eslint/require-await
    listen: async (address) => held(must(open(address), address.ip)),
    // eslint-disable-next-line @typescript-eslint/require-await
    listenOn: async (descriptor) => held(descriptor),
    // eslint-disable-next-line @typescript-eslint/require-await
    listenUnix: async (at) => {
      const descriptor = typeof at === 'number' ? at : must(addon.openUnixListener(at), at);
      return { descriptor, close: () => closeSync(descriptor) };
    },
  };
}

function localEnd(addon: Addon, zones: ZoneIndex, descriptor: number): Endpoint {
  const bytes = new Uint8Array(ZONED_SIZE);
  const packed = addon.localAddress(descriptor, bytes);
  if (packed < 0) throw systemError('getsockname', -packed, `descriptor ${descriptor}`);
  const ip = ipFromBytes(bytes.subarray(0, packed >> 16 === 4 ? 4 : ZONE_AT));
  const zone = new Uint32Array(bytes.buffer.slice(ZONE_AT))[0] ?? 0;
  return { ip: zone === 0 ? ip : inZone(ip, zones.nameOf(zone)), port: packed & 0xffff };
}
