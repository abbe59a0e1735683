// The connection over which a directory is searched: to the first server that can be reached, and a new one where it has ended.
import type { LdapServer } from '../../config/model/auth.ts';
import type { Clock } from '../cache.ts';
import type { Ldapts } from './ldapnames.ts';
import { LdapLink, type LinkPlan } from './ldaplink.ts';

export interface SearchPlan extends LinkPlan {
  /** In order. */
  readonly servers: readonly LdapServer[];
  /** The DN that searches; undefined: anonymous. */
  readonly account: { readonly dn: string; readonly password: string } | undefined;
}

/** A server that failed is tried last for this long. */
const AVOIDED_MS = 30_000;

export class LdapSearches {
  readonly #plan: SearchPlan;
  readonly #ldapts: Ldapts;
  readonly #clock: Clock;
  readonly #avoidedUntil = new Map<LdapServer, number>();
  /** Links that have been used before: such a one may have been closed for its age. */
  readonly #used = new WeakSet<LdapLink>();
  #current: Promise<LdapLink> | undefined;

  constructor(plan: SearchPlan, ldapts: Ldapts, clock: Clock) {
    this.#plan = plan;
    this.#ldapts = ldapts;
    this.#clock = clock;
  }

  /** Runs `search` over the connection, and once more over a new one if that had ended. Rejects with an Error. */
  async do<T>(work: (link: LdapLink) => Promise<T>): Promise<T> {
    const startedAt = this.#clock();
    const link = await this.#link();
    const wasUsed = this.#used.has(link);
    this.#used.add(link);
    try {
      return await work(link);
    } catch (error) {
      if (link.isOpen) throw error;
      this.#avoid(link.server);
      const { servers, timeoutMs } = this.#plan;
      const isSilent = servers.length === 1 && this.#clock() - startedAt >= timeoutMs;
      if (!wasUsed || isSilent) throw error;
      return work(await this.#link());
    }
  }

  close(): void {
    void this.#current?.then((link) => link.close()).catch(() => undefined);
  }

  /** Searches that come while a connection is opened wait for that one. */
  async #link(): Promise<LdapLink> {
    const before = this.#current;
    const link = await before?.catch(() => undefined);
    if (link?.isOpen === true) return link;
    if (this.#current === before) this.#current = this.#open();
    return this.#current as Promise<LdapLink>;
  }

  /** Servers that have failed lately are tried last. */
  async #open(): Promise<LdapLink> {
    const { servers } = this.#plan;
    const now = this.#clock();
    const isAvoided = (server: LdapServer): boolean => (this.#avoidedUntil.get(server) ?? -Infinity) > now;
    const told: string[] = [];
    for (const server of [...servers.filter((each) => !isAvoided(each)), ...servers.filter(isAvoided)]) {
      try {
        return await this.#openAt(server);
      } catch (error) {
        this.#avoid(server);
        told.push(`${server.url}: ${messageOf(error)}`);
      }
    }
    throw new Error(told.join('; '));
  }

  /** Waits for an answer: a server that hangs still accepts connections. */
  async #openAt(server: LdapServer): Promise<LdapLink> {
    const { account } = this.#plan;
    const link = await LdapLink.open(server, this.#plan, this.#ldapts);
    try {
      await link.run(async (client) => {
        if (account === undefined) await client.search('', { scope: 'base', attributes: ['1.1'] });
        else await client.bind(account.dn, account.password);
      });
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  #avoid(server: LdapServer): void {
    this.#avoidedUntil.set(server, this.#clock() + AVOIDED_MS);
  }
}

/** One line, without what the package adds for its authors. */
export function messageOf(error: unknown): string {
  const { message, name, code } = error as { message?: string; name?: string; code?: unknown };
  const text = message === undefined || message.trim() === '' ? (name ?? String(error)) : message;
  return typeof code === 'number' ? `code ${code}: ${firstLine(text)}` : firstLine(text);
}

function firstLine(text: string): string {
  return text.split('\n').slice(-1)[0]?.trim().slice(0, 200) ?? '';
}
