// Whether this daemon is ready, for balancers and supervisors that ask by HTTP.
import type { Config } from '../../config/model/config.ts';
import type { TlsSettings } from '../../net/tls/tlssettings.ts';
import { answerOf, type Readiness } from './readyanswer.ts';
import { plainAnswer } from './webanswer.ts';
import { converse, type WebConversation } from './webconversation.ts';
import { keepWebPort } from './webport.ts';

export interface Ready {
  /** From now on `readiness` gives the answer; until then the daemon is starting. */
  follow(readiness: () => Readiness): void;
  /** New handshakes of TLS, if any, go by these. */
  renew(tls: TlsSettings | undefined): void;
  /** Stops answering; so does any exit. */
  leave(): void;
}

export const NONE: Ready = { follow: () => undefined, renew: () => undefined, leave: () => undefined };

/** Two ports that give the same answer. */
export function bothReady(one: Ready, other: Ready): Ready {
  return {
    follow(readiness) {
      one.follow(readiness);
      other.follow(readiness);
    },
    renew(tls) {
      one.renew(tls);
      other.renew(tls);
    },
    leave() {
      one.leave();
      other.leave();
    },
  };
}

/** Checks at a time; beyond it the oldest of the client with most is closed. */
export const MAX_CHECKS = 64;
const MAX_CHECK_BYTES = 2048;
/** Limit from the connection to the answer, and again from there until the peer has closed. */
const CHECK_MS = 3000;

/** To be called as root, for a port below 1024. Rejects with StartFailure. */
export async function keepReady(config: Config): Promise<Ready> {
  if (config.ready === undefined) return NONE;
  let ask = (): Readiness => 'starting';
  const conversation: WebConversation = {
    answer: ({ path }) =>
      path === '/ready' ? answerOf(ask()) : plainAnswer('404 Not Found', 'there is only /ready'),
    maxHeadBytes: MAX_CHECK_BYTES,
    limitMs: CHECK_MS,
  };
  const leave = await keepWebPort(
    {
      option: 'ready',
      address: config.ready,
      // Any process on this host may ask.
      mode: 0o666,
      owner: undefined,
      maxConnections: MAX_CHECKS,
      take: (...accepted) => converse(...accepted, conversation),
    },
    config,
  );
  return { ...NONE, follow: (readiness) => (ask = readiness), leave };
}
