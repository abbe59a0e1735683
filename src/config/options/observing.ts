// Rows of the option table: what programs and people see of the daemon beside its log.
import { METRICS_ADDRESS } from '../values/control.ts';
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
];
