// A daemon of one process as a member of a fleet: its tables, the carrier between them and the store, and what changes while it is alone.
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../base/clock.ts';
import type { Config } from '../../config/model/config.ts';
import { formatStore } from '../../config/values/control.ts';
import type { ControlRequest } from '../../control/controlmessage.ts';
import type { FleetAnswer } from '../../control/fleetanswer.ts';
import type { FleetStatus } from '../../control/fleetstatus.ts';
import type { Fellow } from '../../net/listener.ts';
import type { Log } from '../../observe/log.ts';
import { dividedLimits } from '../../policy/limits/divided.ts';
import type { LimitTable } from '../../policy/limits/limits.ts';
import { RateParts } from '../../policy/limits/rateparts.ts';
import type { Sources } from '../../policy/rules/sources.ts';
import type { Logins } from '../../session/logins.ts';
import type { Server } from '../../session/server/server.ts';
import { Carrier, type Carried } from '../workers/carrier.ts';
import { Membership } from './membership.ts';
import type { FleetPlan } from './openfleet.ts';
import { Outbox } from './outbox.ts';
import { FleetQuestions, type FleetQuestionsParts } from './questions.ts';
import { Roster } from './roster.ts';
import { Shelf } from './shelf.ts';
import { FleetStanding } from './standing.ts';
import { StoreClock } from './storeclock.ts';
import { StoreKeys } from './storekeys.ts';
import { booksOf, tellerOf } from './tables.ts';

const LOOK_MS = 1000;
/** The rows of others have gone by then (otherrows.ts). */
const ALONE_AFTER_S = 3;
/** Time for the last words. */
const LAST_MS = 1500;

/** What is served, and counted together. */
export interface FleetServing {
  readonly server: Server;
  readonly logins: Logins;
  readonly sources: Sources;
  readonly log: Log;
  /** Answers a request of the control protocol about this daemon. */
  readonly answer: FleetQuestionsParts['answer'];
}

export class Fleet {
  /** What the server of a member needs. */
  readonly fellow: Fellow;
  readonly #plan: FleetPlan;
  readonly #clock = new StoreClock(Date.now, monotonicMs);
  readonly #rateParts = new RateParts(monotonicMs);
  #config: Config;
  #served: ServedFleet | undefined;

  constructor(plan: FleetPlan, config: Config) {
    this.#plan = plan;
    this.#config = config;
    this.fellow = { rateParts: this.#rateParts };
  }

  /** Before anything is counted, or read from a file. */
  prepare({ usage }: Pick<Server, 'usage'>): void {
    const { fleetZone: timeZone } = this.#config;
    // Its dates are written as 2026-11-30.
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    usage.countDaysBy((nowMs) => format.format(nowMs + this.#clock.aheadMs));
    usage.keepOwn();
  }

  /** Clients are served: joins as soon as the store is there. */
  serve(serving: FleetServing): void {
    this.#served = new ServedFleet(
      this.#plan,
      { clock: this.#clock, rateParts: this.#rateParts },
      serving,
      () => this.#config,
    );
  }

  /** A reload has been done. */
  follow(config: Config): void {
    this.#config = config;
    this.#served?.tellAll();
  }

  readonly status = (): FleetStatus | undefined => this.#served?.status();

  readonly ask = async (request: ControlRequest): Promise<FleetAnswer | undefined> =>
    this.#served?.questions.ask(request);

  /** Tells what is left, and that this member ends; settles in any case. */
  async close(): Promise<void> {
    await this.#served?.close();
    this.#served = undefined;
  }
}

class ServedFleet {
  readonly questions: FleetQuestions;
  readonly #plan: FleetPlan;
  readonly #config: () => Config;
  readonly #server: Server;
  readonly #carrier: Carrier;
  readonly #membership: Membership;
  readonly #standing: FleetStanding;
  readonly #running: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  /** Those that were there when the store was. */
  #members = 1;
  #divided: { readonly limits: LimitTable; readonly of: LimitTable } | undefined;

  constructor(
    plan: FleetPlan,
    { clock, rateParts }: { readonly clock: StoreClock; readonly rateParts: RateParts },
    { server, logins, sources, log, answer }: FleetServing,
    config: () => Config,
  ) {
    const { fleet, member, open } = plan;
    [this.#plan, this.#config, this.#server] = [plan, config, server];
    const outbox = new Outbox(() => {
      this.#carrier.tellAll();
      this.#membership.telling.greet();
    });
    const { bans, authOnce } = logins;
    const carried: Carried = {
      ledger: server.ledger,
      usage: server.usage,
      bans,
      authOnce,
      sources,
      rateParts,
      rules: () => {
        const { limits, logins: rules } = server.snapshot;
        // maxconn is of each host.
        return { limits, bans: rules.bans, maxSessions: 0 };
      },
    };
    this.#carrier = new Carrier(carried, outbox, { member, members: 1, host: member });
    const place = { fleet, member, store: formatStore(storeOf(config())) };
    this.#standing = new FleetStanding(log, place, monotonicMs);
    const roster = new Roster(monotonicMs);
    this.questions = new FleetQuestions({
      member,
      answer,
      say: (said) => outbox.say(said),
      living: () => this.#membership.hearing.living,
      missing: () => roster.missing,
    });
    this.#membership = new Membership({
      member,
      open,
      clock,
      outbox,
      questions: this.questions,
      shelf: new Shelf(new StoreKeys(fleet), clock, monotonicMs),
      roster,
      standing: this.#standing,
      teller: tellerOf(this.#carrier, carried, { member, outbox }),
      books: booksOf(carried),
      version: () => config().configVersion,
    });
    this.#running = this.#membership.run();
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  tellAll(): void {
    this.#carrier.tellAll();
    this.#look();
  }

  status(): FleetStatus {
    const { hearing, telling } = this.#membership;
    const { fleet, member } = this.#plan;
    return {
      fleet,
      member,
      state: this.#standing.state,
      seconds: this.#standing.seconds,
      why: this.#standing.why,
      store: formatStore(storeOf(this.#config())),
      members: hearing.living,
      lagMs: hearing.heard === 0 ? undefined : hearing.lagMs,
      sent: telling.sent,
      heard: hearing.heard,
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#carrier.stop();
    this.#membership.end();
    await Promise.race([this.#running, delay(LAST_MS, undefined, { ref: false })]);
  }

  #look(): void {
    const { state, seconds } = this.#standing;
    this.#membership.hearing.look();
    if (state === 'joined') this.#members = this.#membership.hearing.living.length;
    // A store that is full still tells what others say.
    const isAlone = state !== 'joined' && state !== 'full' && seconds >= ALONE_AFTER_S;
    if (this.#config().fleetAlone === 'divided') this.#divide(isAlone ? this.#members : 1);
  }

  /** Each limit by the number of members, or as a whole again; a reload brings new ones. */
  #divide(members: number): void {
    const { snapshot } = this.#server;
    const divided = this.#divided;
    const isDivided = snapshot.limits === divided?.limits;
    if (members > 1 && !isDivided) {
      this.#divided = { limits: dividedLimits(snapshot.limits, members), of: snapshot.limits };
      this.#server.replace({ ...snapshot, limits: this.#divided.limits });
    } else if (members === 1 && isDivided) {
      this.#server.replace({ ...snapshot, limits: divided.of });
    }
  }
}

function storeOf({ fleetStore }: Config): NonNullable<Config['fleetStore']> {
  if (fleetStore === undefined) throw new TypeError('a fleet has a store');
  return fleetStore;
}
