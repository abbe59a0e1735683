// What is known of ways through proxies, and the records of it.
import { FAULTS } from '../base/fault.ts';
import { Ways } from '../net/ways.ts';
import type { Log } from '../observe/log.ts';

/** Writes to `log` when a way begins to fail, and when it works again. */
export function watchWays(log: Pick<Log, 'write'>): Ways {
  return new Ways((change) => {
    const { via } = change;
    if (change.kind === 'up') {
      log.write('notice', 'proxy-up', { via }, 'the way through these proxies works again');
      return;
    }
    const { fault, retryMs } = change;
    const { cause } = fault;
    const detail = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : undefined;
    const fields = { via, retry: retryMs / 1000, why: fault.code, detail };
    log.write('warn', 'proxy-down', fields, `${FAULTS[fault.code]}; other ways come first for a while`);
  });
}
