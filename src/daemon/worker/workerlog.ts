// The log of a worker: records that are about the process name it, and those about the whole daemon are the parent's.
import type { Log } from '../../observe/log.ts';

/** Events that the parent writes for all workers. */
const OF_PARENT: ReadonlySet<string> = new Set([
  'draining',
  'cutting',
  'stopped',
  'config',
  'reloaded',
  'reload-failed',
  'recheck',
  'control',
  'counters',
]);

export function workerLog(log: Log, slot: number): Log {
  return {
    enabled: (level) => log.enabled(level),
    write: (level, event, fields, text) =>
      log.write(OF_PARENT.has(event) ? 'debug' : level, event, { worker: slot, ...fields }, text),
    tell: (record, owner) =>
      log.tell(
        record.level === 'debug' ? { ...record, fields: { ...record.fields, worker: slot } } : record,
        owner,
      ),
    configure: (level, format) => log.configure(level, format),
    drain: (timeoutMs) => log.drain(timeoutMs),
    close: () => log.close(),
  };
}
