// Asks name servers over DNS with c-ares, off the libuv thread pool. Search domains of resolv.conf(5) are not
// applied: `intranet` is asked as `intranet.`, because what a client names must not depend on this host.
import { Resolver } from 'node:dns/promises';
import type { RecordWithTtl } from 'node:dns';
import { Fault } from '../base/fault.ts';
import { formatEndpoint, parseIp, unmapIp, type Endpoint, type Ip } from '../base/ip.ts';
import type { Answer, Finding, NameAnswer, NameSource } from './namesource.ts';
import { BUSY } from './lookupplaces.ts';
import { OpenQuestions } from './questions.ts';
import { nameAmong, reverseNameOf } from './reversename.ts';

const MIN_TTL_MS = 1000;
const MAX_TTL_MS = 3_600_000;
/** How long the name of an address holds: resolvePtr() does not hand out the TTL. */
const REVERSE_TTL_MS = 60_000;
/** How long "there is no such name" holds; c-ares does not hand out the SOA record that could say (RFC 2308). */
const NOTHING_TTL_MS = 5000;
/** How long a failure holds: enough that a broken name server is not asked for every connection. */
const FAILURE_TTL_MS = 1000;
/** Addresses of one answer that are kept; nobody tries more. */
const MAX_ADDRESSES = 16;

/**
 * Questions that were sent and have no answer yet. Twice as many as look-ups wait for: what was asked for a look-up that gave way
 * since cannot be taken back. c-ares asks them all from one socket of each server.
 */
const MAX_ON_THE_WIRE = 16_384;

/** c-ares codes that mean: the servers were asked, and there are no such addresses. */
const NOTHING_CODES: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

export class NameServers implements NameSource {
  readonly families = 'apart';
  readonly #resolver: Resolver;
  readonly #addresses = new OpenQuestions<Finding<Answer>>();
  readonly #names = new OpenQuestions<Finding<NameAnswer>>();

  /**
   * Asks `servers`, or those of /etc/resolv.conf, which is read here and never again. A question is sent
   * twice, and c-ares doubles the time to wait: `timeoutMs` 2000 ends after about 6 s.
   */
  constructor(servers: readonly Endpoint[] | undefined, timeoutMs: number) {
    this.#resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
    if (servers !== undefined) this.#resolver.setServers(servers.map(formatEndpoint));
  }

  ask(name: string, family: 4 | 6): Promise<Finding<Answer>> {
    if (this.#isFull) return Promise.resolve({ answer: BUSY, ttlMs: 0 });
    return this.#addresses.join(`${family} ${name}`, () => this.#ask(name, family));
  }

  /** Not with reverse(), which reads /etc/hosts here and now, each time. */
  reverse(ip: Ip): Promise<Finding<NameAnswer>> {
    if (this.#isFull) return Promise.resolve({ answer: BUSY, ttlMs: 0 });
    return this.#names.join(ip, () => this.#reverse(ip));
  }

  close(): void {
    this.#resolver.cancel();
  }

  get #isFull(): boolean {
    return this.#addresses.size + this.#names.size >= MAX_ON_THE_WIRE;
  }

  async #ask(name: string, family: 4 | 6): Promise<Finding<Answer>> {
    try {
      const records =
        family === 4
          ? await this.#resolver.resolve4(name, { ttl: true })
          : await this.#resolver.resolve6(name, { ttl: true });
      return findingOf(records.slice(0, MAX_ADDRESSES));
    } catch (error) {
      return findingOfError<Answer>(error, []);
    }
  }

  async #reverse(ip: Ip): Promise<Finding<NameAnswer>> {
    try {
      return { answer: nameAmong(await this.#resolver.resolvePtr(reverseNameOf(ip))), ttlMs: REVERSE_TTL_MS };
    } catch (error) {
      return findingOfError<NameAnswer>(error, new Fault('NAME_NOT_FOUND'));
    }
  }
}

function findingOf(records: readonly RecordWithTtl[]): Finding<Answer> {
  const answer = records
    .map((record) => parseIp(record.address))
    .filter(isPresent)
    .map(unmapIp);
  if (answer.length === 0) return { answer, ttlMs: NOTHING_TTL_MS };
  const ttlMs = Math.min(...records.map((record) => record.ttl * 1000));
  return { answer, ttlMs: Math.min(Math.max(ttlMs, MIN_TTL_MS), MAX_TTL_MS) };
}

function findingOfError<T>(error: unknown, nothing: T): Finding<T | Fault> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (NOTHING_CODES.has(code)) return { answer: nothing, ttlMs: NOTHING_TTL_MS };
  return { answer: new Fault('RESOLVER_FAILED', error), ttlMs: FAILURE_TTL_MS };
}

function isPresent(ip: Ip | undefined): ip is Ip {
  return ip !== undefined;
}
