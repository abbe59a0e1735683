// Rechecks live sessions at a reload: the option `recheck`.
import { barOf } from '../../auth/files/standing.ts';
import type { Users } from '../../auth/files/users.ts';
import { Fault } from '../../base/fault.ts';
import type { Recheck } from '../../config/model/config.ts';
import type { Log } from '../../observe/log.ts';
import { isTrusted } from '../../policy/access/trusted.ts';
import type { Logins } from '../../session/logins.ts';
import { objectionTo, type Admission } from '../../session/server/recheck.ts';
import type { Registry } from '../../session/server/registry.ts';
import type { Session, Snapshot } from '../../session/session.ts';

/** Live sessions that would be refused now, and the action on them. */
export interface Rechecked {
  readonly refused: number;
  /** `cut` or `drain=TIME`. */
  readonly what: string;
}

/** Users as files have them. */
export interface KnownUsers extends Users {
  /** Whether others are asked about users that no file has. */
  readonly areOthersAsked?: boolean;
}

export class Rechecking {
  readonly #registry: Registry;
  readonly #logins: Logins;
  readonly #log: Log;
  /** Sessions refused by the last reload; a reload that allows a session again removes it. */
  #refused: ReadonlySet<Session> = new Set();

  constructor(registry: Registry, logins: Logins, log: Log) {
    this.#registry = registry;
    this.#logins = logins;
    this.#log = log;
  }

  /** Call after each reload, with the new users and snapshot; undefined when no session was rechecked. */
  run(recheck: Recheck, users: KnownUsers, snapshot: Snapshot): Rechecked | undefined {
    this.#refused =
      recheck.kind === 'keep' ? new Set() : this.#findRefused(admissionOf(users, snapshot, this.#logins));
    if (recheck.kind === 'keep') return undefined;
    const refused = this.#refused;
    const seconds = recheck.kind === 'drain' ? recheck.milliseconds / 1000 : undefined;
    this.#log.write('notice', 'recheck', {
      sessions: this.#registry.size,
      refused: refused.size,
      action: recheck.kind,
      secs: seconds,
    });
    if (recheck.kind === 'cut') this.#end(refused);
    else setTimeout(() => this.#end(refused), recheck.milliseconds).unref();
    return { refused: refused.size, what: seconds === undefined ? 'cut' : `drain=${seconds}s` };
  }

  #findRefused(admission: Admission): ReadonlySet<Session> {
    return new Set(this.#registry.list().filter((session) => objectionTo(session, admission) !== undefined));
  }

  /** Ends the refused sessions that are still open and that no later reload has allowed. */
  #end(sessions: ReadonlySet<Session>): void {
    for (const session of this.#registry.list()) {
      if (sessions.has(session) && this.#refused.has(session)) this.#registry.end(session, 'not-allowed');
    }
  }
}

function admissionOf(
  users: KnownUsers,
  { policy, logins: { trust }, identityOfAccount, gssapi }: Snapshot,
  { authOnce }: Logins,
): Admission {
  const byName = new Map(
    users.usable.filter((user) => barOf(user) === undefined).map((user) => [user.name, user]),
  );
  const names = new Set([...users.byName.values()].map(({ name }) => name));
  return {
    policy,
    identityOfAccount,
    mayBeAsked: (name) => users.areOthersAsked === true && !names.has(name),
    findHolder: (name) => {
      const holder = gssapi?.holderOf(name);
      return holder instanceof Fault ? undefined : holder;
    },
    findUser: (name) => {
      const user = byName.get(name);
      return user && { kind: 'user', name, group: user.group };
    },
    trusts: (client) => isTrusted(trust, authOnce, client),
  };
}
