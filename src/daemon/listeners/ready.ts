// Whether this daemon is ready, for balancers and supervisors that ask by HTTP.
import type { Config } from '../../config/model/config.ts';
import { READY_ADDRESS } from '../../config/values/control.ts';
import { osFailure } from '../unix/osfailure.ts';
import type { Readiness } from './readyanswer.ts';
import { ReadySocket } from './readysocket.ts';

export interface Ready {
  /** From now on `readiness` says it; before, the daemon starts. */
  follow(readiness: () => Readiness): void;
  /** Answers no more; any exit does the same. */
  leave(): void;
}

const NONE: Ready = { follow: () => undefined, leave: () => undefined };
const AGAIN_MS = 100;

/** To be called as root, for a port below 1024. Rejects with StartFailure. */
export async function keepReady({ ready, takeover }: Config): Promise<Ready> {
  if (ready === undefined) return NONE;
  let ask = (): Readiness => 'starting';
  const follow: Ready['follow'] = (readiness) => (ask = readiness);
  const socket = new ReadySocket(ready, () => ask());
  const leave = (): void => {
    process.off('exit', leave);
    clearTimeout(timer);
    socket.close();
  };
  process.once('exit', leave);
  let timer: NodeJS.Timeout | undefined;
  if ((await socket.listen()) === 'listening') return { follow, leave };
  if (!takeover)
    throw osFailure(`cannot answer at ready = ${READY_ADDRESS.format(ready)}: another program listens there`);
  // The daemon before us answers until it retires.
  const again = (): void => {
    timer = setTimeout(() => {
      socket.listen().then(
        (result) => {
          if (result === 'taken') again();
        },
        () => undefined,
      );
    }, AGAIN_MS).unref();
  };
  again();
  return { follow, leave };
}
