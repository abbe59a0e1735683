// Consequences of logins, good and bad: clients that need not log in again, and bans. They outlive reloads.
import { cutName } from '../base/bytes.ts';
import type { Deadline } from '../base/deadline.ts';
import { Fault, type FaultCode } from '../base/fault.ts';
import type { MethodOrder } from '../config/model/config.ts';
import { asShown, Bans, type BanRules } from '../policy/access/bans.ts';
import { AuthOnce, isTrusted, type TrustRules } from '../policy/access/trusted.ts';
import type { Report, SessionFacts } from './events.ts';
import { isHidden } from './introduction.ts';
import { Tarpit } from './tarpit.ts';

/** Log-only cause: the name is locked here, so even a correct password fails. */
export const NAME_LOCKED = 'the name is locked for strange addresses';

/** The part that a reload replaces. */
export interface LoginRules {
  readonly trust: TrustRules;
  readonly bans: BanRules;
  /** How late a failed login is answered; 0: at once. */
  readonly tarpitMs: number;
  /** The side whose order of methods counts; undefined: the server's. */
  readonly methodOrder?: MethodOrder | undefined;
}

/** A handshake, as far as a login is concerned. */
interface Attempt {
  readonly session: SessionFacts;
  readonly snapshot: { readonly logins: LoginRules };
  readonly deadline: Deadline;
}

/** The consequences of logins, which may be kept over restarts. */
interface Remembrance {
  readonly bans: Bans;
  readonly authOnce: AuthOnce;
}

export class Logins {
  readonly bans: Bans;
  readonly authOnce: AuthOnce;
  readonly #tarpit = new Tarpit();

  /** Without arguments nothing outlives it. */
  constructor({ bans, authOnce }: Remembrance = rememberBy(Date.now)) {
    this.bans = bans;
    this.authOnce = authOnce;
  }

  /** Whether the client need not log in. */
  trusts({ session, snapshot }: Attempt): boolean {
    return !isHidden(session) && isTrusted(snapshot.logins.trust, this.authOnce, session.client.ip);
  }

  /**
   * Whether the login must fail whatever the password, because the name is locked for this client. Throws CLIENT_BANNED
   * where the client came before it was banned: many connections at once shall not be many more guesses.
   */
  isLocked({ session, snapshot }: Attempt, user: string): boolean {
    const { bans } = snapshot.logins;
    if (this.bans.holds(bans, session.client.ip)) throw new Fault('CLIENT_BANNED');
    return this.bans.locks(bans, session.client.ip, user);
  }

  /**
   * Reports a failed login with its name, unconfirmed and cut, and counts it when it was a guess. A refused ticket names no
   * user. A login that could not be checked, or not in time, has not failed: those are reported together (refuse.ts).
   */
  failed({ session, snapshot }: Attempt, user: string | undefined, fault: Fault, report: Report): void {
    if (!FAILURES.includes(fault.code)) return;
    report({ kind: 'loginFailed', session, user: user && cutName(user), fault });
    if (!COUNTED.includes(fault.code)) return;
    const { bans } = snapshot.logins;
    for (const ban of this.bans.failed(bans, session.client.ip, user)) {
      report({ kind: 'banned', ban: asShown(ban), client: session.client, failures: bans.failures });
    }
  }

  /** Reports a login that has succeeded and that the rules allow. One that let its client in unnamed proves nothing. */
  succeeded({ session, snapshot }: Attempt, user: string): void {
    if (session.identity?.kind !== 'user') return;
    const { authOnceMs } = snapshot.logins.trust;
    this.bans.succeeded(session.client.ip, user);
    if (authOnceMs > 0 && !isHidden(session)) this.authOnce.remember(session.client.ip, authOnceMs);
  }

  /**
   * The result of a login; undefined when it has succeeded synchronously. A refusal by the rules comes as late as one for a wrong
   * password: otherwise the time would tell that the password was right.
   */
  inDueTime(attempt: Attempt, login: () => Promise<void> | undefined): Promise<void> | undefined {
    try {
      return login()?.catch((failure: unknown) => this.#holdBack(attempt, failure));
    } catch (failure) {
      return this.#holdBack(attempt, failure);
    }
  }

  async #holdBack({ session, snapshot, deadline }: Attempt, failure: unknown): Promise<never> {
    if (isVerdict(failure)) await this.#tarpit.hold(snapshot.logins.tarpitMs, session.client.ip, deadline);
    throw failure;
  }
}

/** Remembers nothing yet. `now`: milliseconds since 1970. */
export function rememberBy(now: () => number): Remembrance {
  return { bans: new Bans(now), authOnce: new AuthOnce(now) };
}

/** Logins that could not be checked, or not in time: the password may be right. They are reported together. */
export function isCrowding({ code }: Fault): boolean {
  return code === 'LOGIN_BUSY' || code === 'LOGIN_UNCHECKED';
}

/** Faults that say something about the password; with any other it may be right. */
const FAILURES: readonly FaultCode[] = [
  'LOGIN_FAILED',
  'LOGIN_EMPTY',
  'LOGIN_LOCKED',
  'LOGIN_EXPIRED',
  'TICKET_REFUSED',
];

/** Those that count for bans. */
const COUNTED: readonly FaultCode[] = ['LOGIN_FAILED', 'TICKET_REFUSED'];

/** A checker may fail just on wrong passwords, so its failures come as late. */
const VERDICTS: readonly FaultCode[] = [...FAILURES, 'LOGIN_UNAVAILABLE', 'CLIENT_DENIED'];

function isVerdict(failure: unknown): boolean {
  return failure instanceof Fault && VERDICTS.includes(failure.code);
}
