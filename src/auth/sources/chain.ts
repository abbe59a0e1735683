// Several sources of users, asked in order. The first that knows a user decides; a source that cannot answer keeps the next from
// deciding about its users, unless the operator has said otherwise.
import { byteString, displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import { clientKeyOf } from '../../policy/clientkey.ts';
import type { Identity } from '../../policy/identity.ts';
import type { Users } from '../files/users.ts';
import type { LoginChecker } from '../login.ts';
import type { Patience } from './patience.ts';
import type { RememberedLogins } from './remembered.ts';
import type { LoginSource, Verdict } from './source.ts';

export type Step =
  /** Files of users that stand one after the other. */
  | { readonly kind: 'files'; readonly users: Users }
  | { readonly kind: 'asked'; readonly source: LoginSource };

export interface ChainRules {
  readonly steps: readonly Step[];
  /** Whether the next source is asked where one cannot answer. */
  readonly fallsBack: boolean;
  readonly lifetimeMs: number;
  /** The group, of all those of a user, that chooses the section and the limits. */
  readonly leadingOf: (groups: readonly string[]) => string | undefined;
}

export interface ChainParts {
  readonly checker: Pick<LoginChecker, 'check'>;
  readonly remembered: RememberedLogins;
  readonly patience: Patience;
}

interface Login {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  readonly client: Ip;
}

/** Checks a login; at once where a file, or an answer that still holds, decides. */
export type CheckByChain = (
  user: Uint8Array,
  password: Uint8Array,
  client: Ip,
) => Promise<Identity> | Identity;

export function chainOf(rules: ChainRules, parts: ChainParts): CheckByChain {
  const chain = new Chain(rules, parts);
  return (user, password, client) => chain.check({ user, password, client });
}

/** Groups of a user beyond these are ignored, because each live session keeps them. */
const MOST_GROUPS = 64;

/** The answers of the sources asked so far, none of which has decided. */
interface SoFar {
  readonly no?: string | undefined;
  readonly unavailable?: string | undefined;
}

class Chain {
  readonly #rules: ChainRules;
  readonly #parts: ChainParts;
  /** Logins that are being asked about, by digest: fifty connections with the same one wait for one answer. */
  readonly #asking = new Map<string, { readonly client: string; readonly identity: Promise<Identity> }>();

  constructor(rules: ChainRules, parts: ChainParts) {
    this.#rules = rules;
    this.#parts = parts;
  }

  check(login: Login): Promise<Identity> | Identity {
    const { steps } = this.#rules;
    let at = 0;
    for (let step = steps[0]; step?.kind === 'files'; step = steps[at]) {
      if (knows(step, login)) return this.#checkFiles(step, login);
      at += 1;
    }
    const digest = this.#parts.remembered.digest(login.user, login.password);
    return this.#parts.remembered.find(digest) ?? this.#askOnce(digest, at, login);
  }

  #checkFiles({ users }: Step & { kind: 'files' }, login: Login): Promise<Identity> | Identity {
    return this.#parts.checker.check(users, login.user, login.password, login.client);
  }

  async #askOnce(digest: string, from: number, given: Login): Promise<Identity> {
    const client = clientKeyOf(given.client);
    const already = this.#asking.get(digest);
    if (already !== undefined) {
      try {
        return await already.identity;
      } catch (failure) {
        // The first client may have lost its place or its patience: another one asks again.
        const isOwn =
          failure instanceof Fault && failure.code === 'LOGIN_UNAVAILABLE' && already.client === client;
        if (isOwn || !isUndecided(failure)) throw failure;
      }
    }
    // Copies: they may be views of everything read.
    const login = { ...given, user: Uint8Array.from(given.user), password: Uint8Array.from(given.password) };
    const identity = this.#walk(digest, from, login).finally(() => {
      if (this.#asking.get(digest)?.identity === identity) this.#asking.delete(digest);
    });
    this.#asking.set(digest, { client, identity });
    return identity;
  }

  async #walk(digest: string, from: number, login: Login): Promise<Identity> {
    let soFar: SoFar = {};
    for (const step of this.#rules.steps.slice(from)) {
      if (step.kind === 'files') {
        if (knows(step, login)) return this.#checkFiles(step, login);
        continue;
      }
      const verdict = await this.#ask(step.source, login);
      if (verdict.kind === 'yes') return this.#remember(digest, verdict, login);
      soFar = this.#goOn(step.source, verdict, soFar);
    }
    // The password may be that of a user of the source that could not answer, so this is no guess.
    if (soFar.unavailable !== undefined) throw new Fault('LOGIN_UNAVAILABLE', soFar.unavailable);
    throw new Fault('LOGIN_FAILED', soFar.no);
  }

  async #ask(source: LoginSource, login: Login): Promise<Verdict> {
    const { user, password, client } = login;
    if (!isAskable(login, source.maxBytes)) {
      const why = 'an empty or overlong name or password, or a NUL in it: nobody was asked';
      return { kind: 'no', isKnown: false, why };
    }
    const { patience } = this.#parts;
    if (!patience.lasts(client)) {
      const why = 'the client has asked too often without an answer';
      return { kind: 'unavailable', why, wasAsked: false };
    }
    const verdict = await source.ask({ user, password, client });
    if (verdict.kind === 'unavailable' && verdict.wasAsked) patience.spend(client);
    return verdict;
  }

  /** The answers with this one added; throws where no further source is asked. */
  #goOn({ name }: LoginSource, verdict: Exclude<Verdict, { kind: 'yes' }>, soFar: SoFar): SoFar {
    switch (verdict.kind) {
      case 'no': {
        const why = verdict.why === undefined ? undefined : `${name}: ${verdict.why}`;
        if (verdict.isKnown) throw new Fault('LOGIN_FAILED', why);
        return { ...soFar, no: why ?? soFar.no };
      }
      case 'barred':
        throw new Fault(verdict.code, `${name}: ${verdict.why}`);
      case 'unavailable': {
        const why = `${name}: ${verdict.why}`;
        if (!this.#rules.fallsBack) throw new Fault('LOGIN_UNAVAILABLE', why);
        return { ...soFar, unavailable: why };
      }
    }
  }

  #remember(digest: string, { name, groups, ttlMs }: Verdict & { kind: 'yes' }, { user }: Login): Identity {
    const identity: Identity = {
      kind: 'user',
      name: name ?? displayText(user),
      group: this.#rules.leadingOf(groups),
      ...(groups.length > 1 ? { groups: groups.slice(0, MOST_GROUPS) } : {}),
    };
    this.#parts.remembered.add(digest, identity, ttlMs ?? this.#rules.lifetimeMs);
    return identity;
  }
}

function isUndecided(failure: unknown): boolean {
  return failure instanceof Fault && (failure.code === 'LOGIN_BUSY' || failure.code === 'LOGIN_UNAVAILABLE');
}

function knows({ users }: Step & { kind: 'files' }, { user }: Login): boolean {
  return users.byName.has(byteString(user));
}

/** Some directories let any user in with an empty password, and programs in C end a text at NUL. */
function isAskable({ user, password }: Login, maxBytes: number): boolean {
  return [user, password].every(
    (bytes) => bytes.length > 0 && bytes.length <= maxBytes && !bytes.includes(0),
  );
}
