// The post of a worker: messages of its parent become actions of the server, and the answers go back.
import { deserialize } from 'node:v8';
import { monotonicMs } from '../../base/clock.ts';
import { encodeAnswer } from '../../control/controlanswer.ts';
import { decodeControlRequest } from '../../control/controlmessage.ts';
import { formatPlace } from '../../net/layer.ts';
import type { Log } from '../../observe/log.ts';
import { recordFormat } from '../../observe/figures/accounting.ts';
import { RateParts } from '../../policy/limits/rateparts.ts';
import type { Fellow } from '../../net/listener.ts';
import { answerRequest } from '../control/controldesk.ts';
import { dumpLive } from '../report/dump.ts';
import type { RemoteTickets } from '../workers/remotetickets.ts';
import { RemotePrograms } from '../workers/remoteprograms.ts';
import type { OpenBook } from '../running/bookkeeping.ts';
import type { Led, Post, Preparation, Served } from '../running/post.ts';
import { Carrier } from '../workers/carrier.ts';
import { familiesOf } from '../workers/figuremessage.ts';
import { FACTS } from '../workers/factmessage.ts';
import type { HeldDescriptors } from './helddescriptors.ts';
import { IdBlocks } from '../workers/ids.ts';
import type { Hello, ListenPlace, ParentMessage, Prepare } from '../workers/parentmessage.ts';
import { RecordPost } from './recordpost.ts';
import { workerLog } from './workerlog.ts';
import type { WorkerMessage } from '../workers/workermessage.ts';

export interface PostParts {
  readonly hello: Hello;
  readonly held: HeldDescriptors;
  readonly tell: (message: WorkerMessage) => void;
  readonly channel: { readonly isFree: boolean; whenFree(listener: () => void): void };
  /** From now on files and listeners are these. */
  readonly adopt: (prepare: Prepare) => void;
}

/** What each message of the parent brings about. */
type Deeds = {
  readonly [Kind in ParentMessage['kind']]: (message: Extract<ParentMessage, { kind: Kind }>) => void;
};

export class WorkerPost implements Post {
  readonly fellow: Fellow;
  readonly #parts: PostParts;
  readonly #ids: IdBlocks;
  readonly #rateParts = new RateParts(monotonicMs);
  readonly #early: ParentMessage[] = [];
  #served: Served | undefined;
  #carrier: Carrier | undefined;
  #deeds: Deeds | undefined;
  #prepared: Preparation | undefined;
  #open: () => void = () => undefined;

  readonly childrenOf: Post['childrenOf'];
  readonly #programs: RemotePrograms;
  #tickets: RemoteTickets | undefined;

  constructor(parts: PostParts) {
    this.#parts = parts;
    const { hello, held, tell } = parts;
    this.#programs = new RemotePrograms((order) => tell({ kind: 'child', ...order }));
    this.childrenOf = this.#programs.childrenOf;
    this.#ids = new IdBlocks(hello.life, hello.ids, () => tell({ kind: 'more-ids' }));
    this.fellow = { nextId: this.#ids.next, held: held.give, rateParts: this.#rateParts };
  }

  name(log: Log): Log {
    return workerLog(log, this.#parts.hello.slot);
  }

  readonly openBook: OpenBook = ({ config, log }) => {
    const { tell, channel } = this.#parts;
    const book = new RecordPost({
      format: recordFormat(config.accountingFormat),
      send: (lines) => tell({ kind: 'records', lines }),
      channel,
      tell: (level, sentence) => log.write(level, 'accounting', {}, sentence),
    });
    return Promise.resolve(book);
  };

  readonly openTickets: Post['openTickets'] = async ({ gssapiKeytab }) => {
    if (gssapiKeytab === undefined) return undefined;
    const { RemoteTickets } = await import('../workers/remotetickets.ts');
    this.#tickets = new RemoteTickets((question) => this.#parts.tell({ kind: 'ticket', ...question }));
    return this.#tickets;
  };

  async serve(served: Served): Promise<void> {
    const { hello, tell, channel, held } = this.#parts;
    this.#served = served;
    for (const place of held.left) await this.#listen(served, place);
    const { server, logins, lasting, confined, facts, because } = served;
    this.#carrier = new Carrier(
      {
        ledger: server.ledger,
        usage: server.usage,
        bans: logins.bans,
        authOnce: logins.authOnce,
        sources: lasting.sources,
        rateParts: this.#rateParts,
        rules: () => {
          const { limits, logins: rules, maxSessions } = server.snapshot;
          return { limits, bans: rules.bans, maxSessions };
        },
      },
      {
        send: (sent) => tell({ kind: 'facts', facts: sent }),
        isFree: () => channel.isFree,
        whenFree: (listener) => channel.whenFree(listener),
        ask: () => tell({ kind: 'behind' }),
      },
      { member: String(hello.slot), members: hello.workers },
    );
    const opened = new Promise<void>((resolve) => (this.#open = resolve));
    tell({
      kind: 'ready',
      transport: facts.transport,
      because,
      confined: confined.holds,
      lacks: confined.lacks,
    });
    for (const message of this.#early.splice(0)) this.take(message);
    await opened;
  }

  /** Everything has ended: sends the last facts. */
  close(): void {
    this.#carrier?.stop();
  }

  /** The parent is gone: live sessions are served to their end, and no client is accepted. */
  orphaned(): void {
    if (this.#served === undefined) process.exit();
    this.#served.log.write(
      'err',
      'parent-lost',
      {},
      'the parent of this worker has gone: it drains and ends',
    );
    this.#open();
    this.#served.running.drain();
  }

  take(message: ParentMessage): void {
    const [served, carrier] = [this.#served, this.#carrier];
    if (served === undefined || carrier === undefined) {
      this.#early.push(message);
      return;
    }
    this.#deeds ??= this.#deedsOf(served, carrier);
    const deed = this.#deeds[message.kind] as (said: ParentMessage) => void;
    deed(message);
  }

  #deedsOf(served: Served, carrier: Carrier): Deeds {
    const { running, server, counters, log } = served;
    const { tell, held } = this.#parts;
    return {
      facts: ({ member, epoch, facts }) => carrier.hear(member, epoch, FACTS(facts, 'facts')),
      own: ({ facts }) => carrier.restore(FACTS(facts, 'own')),
      gone: ({ member }) => carrier.lose(member),
      'tell-all': () => carrier.tellAll(),
      open: () => this.#open(),
      ping: () => tell({ kind: 'pong', sessions: server.registry.size, totals: counters.totals }),
      ids: (ids) => this.#ids.add(ids),
      ask: ({ number, line }) => void this.#answer(served, number, line),
      figures: ({ number }) => void this.#tellFigures(served, number),
      child: (news) => this.#programs.hear(news),
      ticket: (news) => this.#tickets?.hear(news),
      prepare: ({ number, body }) => void this.#prepare(running, number, body),
      commit: ({ number }) => this.#commit(number),
      cancel: () => this.#cancel(),
      listen: ({ added, removed }) => {
        held.take(added);
        for (const place of [...removed, ...added.map(formatPlace)]) server.unlisten(place);
        for (const place of held.left) void this.#listen(served, place);
      },
      loglevel: ({ level }) => running.setLogLevel(level),
      drain: () => running.drain(),
      cut: () => server.cut(),
      dump: () => dumpLive(server, log),
    };
  }

  async #listen({ server, covers }: Served, place: ListenPlace): Promise<void> {
    if ('path' in place) await server.listen({ ...place, mode: 0, owner: undefined, layers: [] });
    else await server.listen(covers.planFor(place.endpoint, place.tls === true ? { tls: true } : {}));
  }

  async #answer(served: Served, number: number, line: string): Promise<void> {
    const request = decodeControlRequest(line);
    if (request.kind === 'wrong')
      throw new Error(`the parent asks what a worker does not know: ${request.why}`);
    const answer = await answerRequest({ ...served, steering: served.running }, request.value);
    this.#carrier?.tellNow();
    this.#parts.tell({ kind: 'answer', number, answer: encodeAnswer(answer).trimEnd() });
  }

  async #tellFigures({ measuring }: Served, number: number): Promise<void> {
    const figures = (await measuring?.figures()) ?? [];
    this.#parts.tell({ kind: 'figures', number, families: familiesOf(figures) });
  }

  async #prepare(running: Led, number: number, body: string): Promise<void> {
    const prepare = deserialize(Buffer.from(body, 'base64')) as Prepare;
    this.#parts.held.take(prepare.places.added);
    this.#parts.adopt(prepare);
    const prepared = await running.prepare();
    if (typeof prepared === 'object') this.#prepared = prepared;
    const why = typeof prepared === 'string' ? prepared : undefined;
    this.#parts.tell({ kind: 'prepared', number, why });
  }

  #cancel(): void {
    this.#prepared?.cancel();
    this.#prepared = undefined;
  }

  #commit(number: number): void {
    const report = this.#prepared?.commit().report;
    this.#prepared = undefined;
    this.#carrier?.tellAll();
    this.#parts.tell({
      kind: 'committed',
      number,
      recheck: report?.recheck,
      problems: report?.problems ?? [],
    });
  }
}
