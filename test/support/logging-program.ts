// A program that logs to its standard error: argv is LEVEL FORMAT; it writes the same records each time, then
// changes to level debug and form text, and writes one more.
import type { LogFormat, LogLevel } from '../../src/config/model/config.ts';
import { openLog } from '../../src/observe/log.ts';

const [level, format] = process.argv.slice(2) as [LogLevel, LogFormat];
const log = await openLog({
  mode: 'stderr',
  level,
  format,
  syslog: { kind: 'local', path: '/dev/log' },
  ident: 'picosocks5',
  pid: 42,
  warn: (sentence) => void process.stdout.write(`${sentence}\n`),
});
log.write('warn', 'login-failed', { user: 'a\nb' });
log.write('debug', 'accepted', { id: 1 });
process.stdout.write(`${log.enabled('err') ? 'on' : 'off'}\n`);
log.configure('debug', 'text');
log.write('debug', 'accepted', { id: 2 }, 'as set by a reload');
await log.drain(5000);
await log.close();
