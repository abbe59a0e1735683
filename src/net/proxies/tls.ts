// TLS to a proxy, over any leg that leads to it: 1.2 at least (RFC 8446, RFC 5246), no ALPN, no client certificate.
// The proxy's certificate must be for its host as written in the route, and is always verified.
import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type SecureContext } from 'node:tls';
import type { Hop } from '../../config/model/config.ts';
import type { StreamCarrier } from '../released.ts';
import { StreamLeg } from '../streams/streamleg.ts';
import { carrierForTls } from '../streams/tlscarrier.ts';
import { endBelow } from '../tls/below.ts';
import type { Leg } from '../transport.ts';
import { explainReadFailure, proxyFault, type Talk } from './talk.ts';
import { whyNoTls } from './tlsreasons.ts';

/**
 * A TLS leg over the leg of `talk`, which the function takes. `trust` holds the CAs; undefined: those of Node.
 * Rejects with PROXY_TLS_FAILED, or the reason for which the deadline ended.
 */
export function coverLeg(talk: Talk, trust: SecureContext | undefined): Promise<Leg> {
  const { leg, hop, deadline } = talk;
  const { remote, local } = leg;
  if (deadline.ended !== undefined) {
    leg.close('reset');
    return Promise.reject(explainReadFailure(talk, deadline.ended));
  }
  const below: StreamCarrier = carrierForTls(leg.release(), () => endBelow(socket, below.stream));
  const socket = connect({ ...optionsFor(hop, trust), socket: below.stream });
  const reset = (): void => {
    below.reset();
    socket.destroy();
  };
  return new Promise((resolve, reject) => {
    const forget = deadline.whenEnded((fault) => {
      reset();
      reject(explainReadFailure(talk, fault));
    });
    // Stays attached after the handshake: an 'error' without a listener would crash the process.
    socket.on('error', (error) => {
      forget();
      reset();
      reject(proxyFault(talk, 'PROXY_TLS_FAILED', whyNoTls(error, hop.host)));
    });
    socket.once('secureConnect', () => {
      forget();
      resolve(new StreamLeg({ stream: socket, reset }, remote, local));
    });
  });
}

/** A proxy may have several names, so it is told which one; addresses are not sent (RFC 6066 section 3). */
function optionsFor({ host }: Hop, trust: SecureContext | undefined): ConnectionOptions {
  return {
    host,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trust === undefined ? {} : { secureContext: trust }),
  };
}
