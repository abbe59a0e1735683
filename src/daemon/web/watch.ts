// Clients who reach a web port over a network: banned ones are turned away, and wrong passwords are few, told, and counted for bans.
import { cutName } from '../../base/bytes.ts';
import { monotonicMs } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import type { Log } from '../../observe/log.ts';
import { asShown, type BanRules, type Bans } from '../../policy/access/bans.ts';
import { isListed } from '../../policy/blocks.ts';
import { clientKeyOf } from '../../policy/clientkey.ts';
import { FairTable } from '../../policy/room/fairtable.ts';
import { networksOf } from '../../policy/room/owner.ts';
import type { Report } from '../../session/events.ts';
import { TurnedAway } from '../../session/server/turnedaway.ts';

/** Wrong passwords of one client within the time; then none of its passwords is looked at until it is over. */
const MAX_GUESSES = 10;
const GUESSES_MS = 60_000;
/** Clients whose guesses are remembered; beyond it one of the network with most is forgotten. */
const MAX_GUESSERS = 4096;

export interface WatchParts {
  readonly bans: Bans;
  /** Those in force. */
  readonly rules: () => BanRules;
  readonly log: Pick<Log, 'tell'>;
  readonly report: Report;
  readonly now?: () => number;
}

interface Guesser {
  count: number;
  readonly endsAtMs: number;
}

export class Watch {
  readonly #parts: WatchParts;
  readonly #turnedAway: TurnedAway;
  readonly #guessers = new FairTable<Guesser>(MAX_GUESSERS);
  readonly #now: () => number;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#turnedAway = new TurnedAway(parts.report);
    this.#now = parts.now ?? monotonicMs;
  }

  isBanned(client: Ip): boolean {
    return this.#parts.bans.holds(this.#parts.rules(), client);
  }

  turnedAway(client: Endpoint, fault: Fault): void {
    this.#turnedAway.note(client, fault);
  }

  /** A password is about to be checked, and counts as a guess until it was right; false: the client has had all of its guesses. */
  begin(client: Ip): boolean {
    if (isListed(this.#parts.rules().allow, client)) return true;
    const key = clientKeyOf(client);
    const now = this.#now();
    const known = this.#guessers.get(key);
    if (known === undefined || known.endsAtMs <= now) {
      this.#guessers.put(networksOf(client), key, { count: 1, endsAtMs: now + GUESSES_MS });
      return true;
    }
    if (known.count >= MAX_GUESSES) return false;
    known.count += 1;
    return true;
  }

  succeeded(client: Ip): void {
    const known = this.#guessers.get(clientKeyOf(client));
    if (known !== undefined && known.count > 0) known.count -= 1;
  }

  /** The name is none of the users of the proxy, so that only the client may be banned. */
  failed(client: Endpoint, user: string, fault: Fault): void {
    const { bans, rules, log, report } = this.#parts;
    const fields = { client: formatEndpoint(client), why: fault.code, at: 'metrics', user: cutName(user) };
    log.tell(
      { level: 'warn', event: 'login-failed', fields, text: fault.message },
      { room: 'logins', client: client.ip },
    );
    if (fault.code !== 'LOGIN_FAILED') return;
    const { failures } = rules();
    for (const ban of bans.failed(rules(), client.ip, undefined))
      report({ kind: 'banned', ban: asShown(ban), client, failures });
  }
}
