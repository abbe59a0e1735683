// Logins by saslauthd(8), which asks PAM, shadow(5), Kerberos, LDAP or others as root: one connection to its socket for each question.
import { createConnection } from 'node:net';
import { concatBytes, displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import { Turns } from '../../policy/room/turns.ts';
import {
  decodeSaslauthdAnswer,
  encodeSaslauthdQuestion,
  MAX_STRING_BYTES,
  type SaslauthdAnswer,
} from '../../protocol/logins/saslauthd.ts';
import type { Clock } from '../cache.ts';
import {
  MAX_WAITING,
  MAX_WAITING_PER_CLIENT,
  type LoginSource,
  type Question,
  type SourceLimits,
  type SourceLog,
  type SourceStatus,
  type Verdict,
} from './source.ts';
import { Standing } from './standing.ts';

/** Connections at a time; saslauthd of Debian has five processes, and the kernel keeps what they do not take yet. */
const MAX_CONNECTIONS = 16;

export interface SaslauthdPlan extends SourceLimits {
  readonly path: string;
  /** The PAM service, and what other mechanisms call so. */
  readonly service: string;
  readonly realm: string;
}

interface Asked {
  readonly question: Question;
  readonly sinceMs: number;
  readonly answer: (verdict: Verdict) => void;
  readonly refuse: (fault: Fault) => void;
}

export class Saslauthd implements LoginSource {
  readonly name: string;
  readonly maxBytes = MAX_STRING_BYTES;
  readonly #plan: SaslauthdPlan;
  readonly #clock: Clock;
  readonly #standing: Standing;
  readonly #turns: Turns<Asked>;
  #connections = 0;
  #isClosed = false;

  constructor(plan: SaslauthdPlan, log: SourceLog, clock: Clock) {
    this.name = `saslauthd:${plan.path}`;
    this.#plan = plan;
    this.#clock = clock;
    this.#standing = new Standing(this.name, log, clock);
    this.#turns = new Turns({
      maxRunning: MAX_CONNECTIONS,
      maxWaiting: MAX_WAITING,
      maxWaitingPerClient: MAX_WAITING_PER_CLIENT,
      canRun: () => this.#connections < MAX_CONNECTIONS && !this.#isClosed,
      run: (asked) => this.#put(asked),
      gaveWay: ({ refuse }) => refuse(new Fault('LOGIN_BUSY')),
    });
  }

  ask(question: Question): Promise<Verdict> {
    if (this.#isClosed) return Promise.reject(new Fault('SHUTTING_DOWN'));
    return new Promise((answer, refuse) => {
      const asked = { question, sinceMs: this.#clock(), answer, refuse };
      if (!this.#turns.add(ownerOf(question.client), asked)) refuse(new Fault('LOGIN_BUSY'));
    });
  }

  /** Only whether somebody listens: it has no other question than a login. */
  prove(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const socket = createConnection(this.#plan.path, () => {
        socket.destroy();
        this.#standing.up();
        resolve(undefined);
      });
      socket.on('error', (error) => resolve(error.message));
      socket.setTimeout(this.#plan.timeoutMs, () => socket.destroy(new Error('it takes no connection')));
    });
  }

  status(): SourceStatus {
    return this.#standing.status(this.#turns.waiting);
  }

  close(): void {
    this.#isClosed = true;
    this.#turns.drain(({ refuse }) => refuse(new Fault('SHUTTING_DOWN')));
  }

  async #put({ question, sinceMs, answer, refuse }: Asked): Promise<void> {
    if (this.#clock() - sinceMs > this.#plan.timeoutMs) {
      refuse(new Fault('LOGIN_BUSY', 'it has waited too long'));
      return;
    }
    this.#connections += 1;
    this.#standing.asked();
    const said = await converse(this.#plan, question);
    this.#connections -= 1;
    answer(this.#verdictOf(said));
  }

  #verdictOf(said: SaslauthdAnswer | string): Verdict {
    if (typeof said === 'string') {
      this.#standing.unanswered(said);
      return { kind: 'unavailable', why: said, wasAsked: true };
    }
    this.#standing.up();
    const message = said.message && displayText(Buffer.from(said.message, 'latin1'));
    if (said.verdict === 'no') return { kind: 'no', isKnown: false, why: message };
    return { kind: 'yes', name: undefined, groups: [], ttlMs: undefined };
  }
}

/** The answer, or why there is none. */
function converse(plan: SaslauthdPlan, { user, password }: Question): Promise<SaslauthdAnswer | string> {
  const { path, timeoutMs } = plan;
  const [service, realm] = [Buffer.from(plan.service), Buffer.from(plan.realm)];
  return new Promise((resolve) => {
    let heard: Uint8Array = new Uint8Array(0);
    const socket = createConnection(path);
    const end = (said: SaslauthdAnswer | string): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(said);
    };
    const patience = setTimeout(() => end(`no answer in ${timeoutMs} ms`), timeoutMs);
    socket.on('error', (error) => end(error.message));
    socket.on('close', () => end('it has hung up without an answer'));
    socket.on('data', (bytes) => {
      heard = concatBytes(heard, bytes);
      const decoded = decodeSaslauthdAnswer(heard);
      if (decoded.kind === 'bad') end(`it gave ${decoded.why ?? 'nonsense'}`);
      else if (decoded.kind === 'done') end(decoded.value);
    });
    socket.write(encodeSaslauthdQuestion({ user, password, service, realm }));
  });
}
