// Rows of the option table: what programs and people see of the daemon beside its log.
import type { AccountingFormat } from '../model/accounting.ts';
import { ACCOUNTING, METRICS_ADDRESS } from '../values/control.ts';
import { choice, DURATION } from '../values/kinds.ts';
import { single, type Option } from './option.ts';

export const OBSERVING: readonly Option[] = [
  single('metrics', METRICS_ADDRESS, {
    keyword: 'metrics',
    // It is opened before the drop, and what it needs is loaded then.
    reload: 'restart',
    summary: 'Answers Prometheus there: `GET /metrics`, and `/ready` as `ready` does.',
    details:
      'PORT alone is one of 127.0.0.1. Whoever reaches ADDRESS may read all numbers; none of them names a client, a user or a destination. ' +
      'PATH has a / in it and is a Unix socket for the service account and root. Costs about 11 MB of memory. See docs/metrics.md.',
    example: '127.0.0.1:9180',
  }),
  single('accounting', ACCOUNTING, {
    keyword: 'accounting',
    // It is opened before the confinement, which grants its folder.
    reload: 'restart',
    summary: 'Writes records for accounts to FILE: who has moved how many bytes, where to and when.',
    details:
      'One record when a session has got what it asked for, one each `accounting-interval`, one at its end. `syslog` sends them to where ' +
      '`syslog` says, `-` writes them to standard output. FILE is opened by the service account, and again at each reload: rename it and ' +
      'reload, and a new one is begun. A disk that is full delays no session. `pis5ctl usage` adds up. See docs/accounting.md.',
    example: '/var/log/picosocks5/accounting',
  }),
  single('accountingFormat', choice<AccountingFormat>('FORM', ['json', 'csv']), {
    keyword: 'accounting-format',
    default: 'json',
    reload: 'restart',
    summary: 'Writes each of these records as a JSON object, or as a row of CSV.',
  }),
  single('accountingIntervalMs', DURATION, {
    keyword: 'accounting-interval',
    default: '10m',
    reload: 'live',
    summary:
      'Writes a record of each session that goes on, each TIME and at midnight; `0`: at midnight alone.',
  }),
];
