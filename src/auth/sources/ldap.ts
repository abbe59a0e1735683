// Logins by a directory (LDAP): the entry of the user is searched over one connection, and their password tried by a bind over another
// one, which lives as long as that takes.
import { isUtf8 } from 'node:buffer';
import type { Entry } from 'ldapts';
import type { LdapServer } from '../../config/model/auth.ts';
import type { Clock } from '../cache.ts';
import { LdapLink } from './ldaplink.ts';
import { groupNameOf, nameWithin, valuesOf, type FilterTemplate, type Ldapts } from './ldapnames.ts';
import { LdapSearches, messageOf, type SearchPlan } from './ldapsearches.ts';
import { Questions } from './questions.ts';
import type { LoginSource, Question, SourceLog, SourceStatus, Verdict } from './source.ts';
import { Standing } from './standing.ts';

export interface LdapPlan extends SearchPlan {
  readonly name: string;
  readonly base: string;
  readonly userFilter: FilterTemplate;
  /** An attribute of the user's entry, or a search for entries of groups; undefined: users have no groups. */
  readonly groups: { readonly attribute: string } | { readonly filter: FilterTemplate } | undefined;
}

/** Logins at a time: a connection each, beside the one for searches. */
const MAX_ASKING = 16;
const MAX_BYTES = 256;
const MAX_GROUPS = 256;

/** Result codes of RFC 4511 that decide a login; servers differ on locked accounts. */
const REFUSALS = new Map([
  [49, 'invalid credentials'],
  [48, 'inappropriate authentication'],
  [53, 'unwilling to perform'],
  [50, 'insufficient access'],
  [32, 'no such entry'],
  [19, 'constraint violation'],
]);

export class Ldap implements LoginSource {
  readonly name: string;
  readonly maxBytes = MAX_BYTES;
  readonly #plan: LdapPlan;
  readonly #ldapts: Ldapts;
  readonly #standing: Standing;
  readonly #questions: Questions;
  readonly #searches: LdapSearches;

  constructor(plan: LdapPlan, ldapts: Ldapts, log: SourceLog, clock: Clock) {
    this.name = plan.name;
    this.#plan = plan;
    this.#ldapts = ldapts;
    this.#searches = new LdapSearches(plan, ldapts, clock);
    this.#standing = new Standing(plan.name, log, clock);
    const { timeoutMs } = plan;
    this.#questions = new Questions(
      { maxRunning: MAX_ASKING, put: (question) => this.#put(question), timeoutMs },
      clock,
    );
  }

  ask(question: Question): Promise<Verdict> {
    return this.#questions.ask(question);
  }

  /** Connects, binds and looks whether the base is there. */
  async prove(): Promise<string | undefined> {
    try {
      await this.#searches.do((link) =>
        link.run((client) => client.search(this.#plan.base, { scope: 'base', attributes: ['1.1'] })),
      );
      this.#standing.up();
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  status(): SourceStatus {
    return this.#standing.status(this.#questions.waiting);
  }

  close(): void {
    this.#questions.close();
    this.#searches.close();
  }

  async #put({ user, password }: Question): Promise<Verdict> {
    this.#standing.asked();
    if (!isUtf8(user) || !isUtf8(password)) return { kind: 'no', isKnown: false, why: 'it is no UTF-8' };
    try {
      const verdict = await this.#searches.do((link) =>
        this.#checkOver(link, Buffer.from(user).toString(), Buffer.from(password).toString()),
      );
      this.#standing.up();
      return verdict;
    } catch (error) {
      const why = messageOf(error);
      this.#standing.unanswered(why);
      return { kind: 'unavailable', why, wasAsked: true };
    }
  }

  async #checkOver(link: LdapLink, user: string, password: string): Promise<Verdict> {
    const { base, userFilter, groups } = this.#plan;
    const attribute = groups !== undefined && 'attribute' in groups ? [groups.attribute] : [];
    const nameAttribute = userFilter.nameAttribute ?? '';
    const { searchEntries } = await link.run((client) =>
      client.search(base, {
        filter: userFilter.fill({ u: user }),
        attributes: [nameAttribute, ...attribute],
        sizeLimit: 2,
      }),
    );
    const [entry, another] = searchEntries;
    if (entry === undefined) return { kind: 'no', isKnown: false, why: 'there is no such user' };
    if (another !== undefined) return { kind: 'no', isKnown: true, why: 'the filter fits several entries' };
    const refusal = await this.#bind(link.server, entry.dn, password);
    if (refusal !== undefined) return { kind: 'no', isKnown: true, why: refusal };
    const name = nameWithin(valuesOf(entry, nameAttribute), user);
    return { kind: 'yes', name, groups: await this.#groupsOf(link, entry, user), ttlMs: undefined };
  }

  /** Why the server does not let the user in; undefined: it does. Rejects where it does not say. */
  async #bind(server: LdapServer, dn: string, password: string): Promise<string | undefined> {
    const link = await LdapLink.open(server, this.#plan, this.#ldapts);
    try {
      await link.run((client) => client.bind(dn, password));
      return undefined;
    } catch (error) {
      const refusal = REFUSALS.get(codeOf(error) ?? -1);
      if (refusal === undefined) throw error;
      return refusal;
    } finally {
      link.close();
    }
  }

  async #groupsOf(link: LdapLink, entry: Entry, user: string): Promise<readonly string[]> {
    const { base, groups } = this.#plan;
    if (groups === undefined) return [];
    if ('attribute' in groups) return valuesOf(entry, groups.attribute).slice(0, MAX_GROUPS).map(groupNameOf);
    const { searchEntries } = await link.run((client) =>
      client.search(base, {
        filter: groups.filter.fill({ u: user, d: entry.dn }),
        attributes: ['cn'],
        sizeLimit: MAX_GROUPS,
      }),
    );
    return searchEntries.flatMap((each) => valuesOf(each, 'cn').slice(0, 1));
  }
}

function codeOf(error: unknown): number | undefined {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'number' ? code : undefined;
}
