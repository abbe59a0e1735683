// One connection to the store, by the client of Valkey: one command at a time, each with a limit of time, and none is kept or sent
// again. Whatever fails but an answer of the store closes it, and whoever needs the store opens another one.
import type { Redis, RedisOptions } from 'iovalkey';
import type { FleetStore } from '../../config/model/fleet.ts';

export type RedisClient = typeof Redis;

export interface StoreAccess {
  readonly store: FleetStore;
  /** undefined: the store asks for none. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** Certificates of authorities, PEM; undefined: those of Node.js. */
  readonly ca: string | undefined;
}

/** `away`: the store does not answer; `full`: it has no memory left; `refused`: it says no, as to an account without the right. */
export type StoreTrouble = 'away' | 'full' | 'refused';

export class StoreFailure extends Error {
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

/** Time for an answer; longer than a read waits for news. */
const COMMAND_MS = 2000;
/** Time for a closed connection to go away in peace: a store that hangs never answers our end. */
const GOODBYE_MS = 100;

export class StoreLink {
  readonly #redis: Redis;
  #lastError: Error | undefined;

  private constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('error', (error: Error) => (this.#lastError = error));
  }

  /** Rejects with StoreFailure. */
  static async open(Client: RedisClient, access: StoreAccess): Promise<StoreLink> {
    const link = new StoreLink(new Client(optionsFor(access)));
    try {
      await link.#redis.connect();
      const { login, store } = access;
      if (login !== undefined) await link.run('AUTH', login.user, login.password);
      if (store.database !== 0) await link.run('SELECT', store.database);
      return link;
    } catch (error) {
      link.close();
      throw link.#failureOf(error);
    }
  }

  /** The answer of the store; rejects with StoreFailure. */
  async run(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#redis.call(command, ...args);
    } catch (error) {
      const failure = this.#failureOf(error);
      if (failure.trouble === 'away') this.close();
      throw failure;
    }
  }

  close(): void {
    this.#redis.disconnect();
  }

  #failureOf(error: unknown): StoreFailure {
    if (error instanceof StoreFailure) return error;
    const { name, message } = error as Error;
    if (name !== 'ReplyError') return new StoreFailure('away', this.#lastError?.message ?? message);
    // The first word is the code of the protocol.
    return new StoreFailure(/^(OOM|MISCONF)\b/.test(message) ? 'full' : 'refused', message);
  }
}

/** What the client of Valkey does for us, and above all what it does not. */
function optionsFor({ store: { host, port, isSecure }, ca }: StoreAccess): RedisOptions {
  return {
    host,
    port,
    lazyConnect: true,
    connectTimeout: COMMAND_MS,
    commandTimeout: COMMAND_MS,
    disconnectTimeout: GOODBYE_MS,
    // It would ask with INFO, which accounts of a fleet have no right to.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    noDelay: true,
    ...(isSecure ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
}
