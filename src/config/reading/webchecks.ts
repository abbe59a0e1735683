// Who reaches the page and the metrics: over a network by TLS and with a login, or not at all.
import type { Origin, Problem } from '../model/config.ts';
import type { Draft } from '../options/option.ts';
import { METRICS_ADDRESS } from '../values/control.ts';
import { error } from '../values/problem.ts';

interface Asked {
  readonly draft: Draft;
  readonly origins: ReadonlyMap<string, Origin>;
}

export function checkWeb({ draft: { metrics, page, workers = 1 }, origins }: Asked): Problem[] {
  const of = (keyword: 'metrics' | 'page'): Origin => origins.get(keyword) ?? {};
  if (page !== undefined && metrics === undefined) return [error(of('page'), ALONE)];
  if (metrics?.kind !== 'endpoint') return [];
  const at = METRICS_ADDRESS.format(metrics);
  if (metrics.tls === true && workers !== 1) return [error(of('metrics'), withWorkers(at))];
  if (metrics.tls === true) return page?.kind === 'users' ? [] : [error(of('metrics'), nobody(at))];
  if (page === undefined || /^(?:127\.|::1$)/.test(metrics.endpoint.ip)) return [];
  return [error(of('page'), inClear(metrics.endpoint.ip, at))];
}

const ALONE = 'page: is a part of metrics, which is not set; set metrics = 9180, for example';

function nobody(at: string): string {
  return (
    `metrics = ${at} is for users who log in, and there are none: set page = FILE, a file of users as for auth ` +
    '(pis5user add -c FILE NAME)'
  );
}

function withWorkers(at: string): string {
  return (
    `metrics = ${at} does not go together with workers yet; let metrics listen on 127.0.0.1 and reach it by "ssh -L", or by a web ` +
    'server with TLS in front'
  );
}

/** A password, and names of clients, would cross a network so that all may read them. */
function inClear(ip: string, at: string): string {
  return (
    `page: metrics = ${ip} is reached over a network, and the page would be served without TLS; write metrics = tls:${at} ` +
    'with tls-cert and page = FILE, or let metrics listen on 127.0.0.1 and reach it by "ssh -L"'
  );
}
