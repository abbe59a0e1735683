// Logins by saslauthd(8), which asks PAM, shadow(5), Kerberos, LDAP or others as root: one connection to its socket for each question.
import { createConnection } from 'node:net';
import { concatBytes, displayText } from '../../base/bytes.ts';
import {
  decodeSaslauthdAnswer,
  encodeSaslauthdQuestion,
  MAX_STRING_BYTES,
  type SaslauthdAnswer,
} from '../../protocol/logins/saslauthd.ts';
import type { Clock } from '../cache.ts';
import { Questions } from './questions.ts';
import type { LoginSource, Question, SourceLimits, SourceLog, SourceStatus, Verdict } from './source.ts';
import { Standing } from './standing.ts';

/** Connections at a time; saslauthd of Debian has five processes, and the kernel keeps what they do not take yet. */
const MAX_CONNECTIONS = 16;

export interface SaslauthdPlan extends SourceLimits {
  readonly path: string;
  /** The name of the service, for PAM and other mechanisms. */
  readonly service: string;
  readonly realm: string;
}

export class Saslauthd implements LoginSource {
  readonly name: string;
  readonly maxBytes = MAX_STRING_BYTES;
  readonly #plan: SaslauthdPlan;
  readonly #standing: Standing;
  readonly #questions: Questions;

  constructor(plan: SaslauthdPlan, log: SourceLog, clock: Clock) {
    this.name = `saslauthd:${plan.path}`;
    this.#plan = plan;
    this.#standing = new Standing(this.name, log, clock);
    const { timeoutMs } = plan;
    this.#questions = new Questions(
      { maxRunning: MAX_CONNECTIONS, put: (question) => this.#put(question), timeoutMs },
      clock,
    );
  }

  ask(question: Question): Promise<Verdict> {
    return this.#questions.ask(question);
  }

  /** Tests only whether it listens: saslauthd has no question but a login. */
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
    return this.#standing.status(this.#questions.waiting);
  }

  close(): void {
    this.#questions.close();
  }

  async #put(question: Question): Promise<Verdict> {
    this.#standing.asked();
    return this.#verdictOf(await converse(this.#plan, question));
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
