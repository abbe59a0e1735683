// Name servers asked over DNS, off the libuv thread pool, with the lifetimes of their answers.
import { monotonicMs } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { parseIp, unmapIp, type Ip } from '../../base/ip.ts';
import type { DnsQuestion, DnsReply } from '../../protocol/dns.ts';
import { DnsSocket } from './dnssocket.ts';
import { DnsOverTcp } from './dnstcp.ts';
import { Inquiry, type AskServer } from './inquiry.ts';
import { BUSY } from './lookupplaces.ts';
import type { Answer, Finding, NameAnswer, NameSource } from './namesource.ts';
import { OpenQuestions } from './questions.ts';
import { completionsOf, type DnsSettings } from './resolvconf.ts';
import { nameAmong, reverseNameOf } from './reversename.ts';

const MIN_TTL_MS = 1000;
const MAX_TTL_MS = 3_600_000;
/** Lifetime of the name of an address. */
const REVERSE_TTL_MS = 60_000;
/** Lifetime of "there is no such name". */
const NOTHING_TTL_MS = 5000;
/** Lifetime of a failure: long enough that a broken name server is not asked for every connection. */
const FAILURE_TTL_MS = 1000;
/** Addresses of one answer that are kept; no client tries more. */
const MAX_ADDRESSES = 16;

/**
 * Questions sent and not answered yet. Twice the number of look-ups, because the question of a look-up that gave way
 * cannot be taken back.
 */
const MAX_ON_THE_WIRE = 16_384;

export class NameServers implements NameSource {
  readonly families = 'apart';
  readonly #settings: () => DnsSettings;
  readonly #sockets = new Map<string, DnsSocket>();
  readonly #tcp = new DnsOverTcp();
  readonly #inquiries = new Set<Inquiry>();
  readonly #addresses = new OpenQuestions<Finding<Answer>>();
  readonly #names = new OpenQuestions<Finding<NameAnswer>>();
  #asked: DnsSettings | undefined;
  #turn = 0;

  /** Asks with the settings that hold at the time of each question. */
  constructor(settings: () => DnsSettings) {
    this.#settings = settings;
  }

  ask(name: string, family: 4 | 6): Promise<Finding<Answer>> {
    if (this.#isFull) return Promise.resolve({ answer: BUSY, ttlMs: 0 });
    return this.#addresses.join(`${family} ${name}`, async () =>
      addressesIn(await this.#inquire({ name, type: family === 4 ? 'a' : 'aaaa' })),
    );
  }

  reverse(ip: Ip): Promise<Finding<NameAnswer>> {
    if (this.#isFull) return Promise.resolve({ answer: BUSY, ttlMs: 0 });
    return this.#names.join(ip, async () =>
      nameIn(await this.#inquire({ name: reverseNameOf(ip), type: 'ptr' })),
    );
  }

  completions(name: string): readonly string[] {
    return completionsOf(name, this.#settings());
  }

  close(): void {
    for (const inquiry of this.#inquiries) inquiry.close();
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  get #isFull(): boolean {
    return this.#addresses.size + this.#names.size >= MAX_ON_THE_WIRE;
  }

  #inquire(question: Omit<DnsQuestion, 'id'>): Promise<DnsReply> {
    const settings = this.#settings();
    this.#forgetOthers(settings);
    const first = settings.rotate ? this.#turn++ % settings.servers.length : 0;
    return new Promise((resolve) => {
      const inquiry: Inquiry = new Inquiry(this.#means, settings, first, question, (reply) => {
        queueMicrotask(() => this.#inquiries.delete(inquiry));
        resolve(reply);
      });
      this.#inquiries.add(inquiry);
    });
  }

  readonly #byUdp: AskServer = (server, question, answer) => {
    const key = `${server.address} ${server.port}`;
    let socket = this.#sockets.get(key);
    if (socket === undefined) {
      socket = new DnsSocket(server);
      this.#sockets.set(key, socket);
    }
    return socket.ask(question, answer);
  };

  readonly #means = { byUdp: this.#byUdp, byTcp: this.#tcp.ask, after };

  /** Servers that were removed lose their sockets when their questions are over. */
  #forgetOthers(settings: DnsSettings): void {
    if (this.#asked === settings) return;
    this.#asked = settings;
    const keys = new Set(settings.servers.map(({ address, port }) => `${address} ${port}`));
    for (const [key, socket] of this.#sockets) {
      if (keys.has(key)) continue;
      socket.leave();
      this.#sockets.delete(key);
    }
  }
}

/** A timer later than this was held up by other work of this process, and so were the answers. */
const HELD_UP_MS = 20;
const MOST_EXTENSIONS = 5;

/** Time lost to other work of this process is granted again, a few times: the answer may have arrived unread. */
function after(milliseconds: number, then: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (time: number, extensions: number): void => {
    const due = monotonicMs() + time;
    timer = setTimeout(() => {
      const late = monotonicMs() - due;
      if (late > HELD_UP_MS && extensions > 0) wait(late, extensions - 1);
      else then();
    }, time);
  };
  wait(milliseconds, MOST_EXTENSIONS);
  return () => clearTimeout(timer);
}

function addressesIn(reply: DnsReply): Finding<Answer> {
  if (reply.kind !== 'found') return nothingIn<Answer>(reply, []);
  const answer = reply.values
    .slice(0, MAX_ADDRESSES)
    .map((value) => parseIp(value))
    .filter(isPresent)
    .map(unmapIp);
  return { answer, ttlMs: Math.min(Math.max(reply.ttlSeconds * 1000, MIN_TTL_MS), MAX_TTL_MS) };
}

function nameIn(reply: DnsReply): Finding<NameAnswer> {
  if (reply.kind !== 'found') return nothingIn<NameAnswer>(reply, new Fault('NAME_NOT_FOUND'));
  return { answer: nameAmong(reply.values), ttlMs: REVERSE_TTL_MS };
}

function nothingIn<T>(reply: Exclude<DnsReply, { kind: 'found' }>, nothing: T): Finding<T | Fault> {
  if (reply.kind === 'nothing') return { answer: nothing, ttlMs: NOTHING_TTL_MS };
  const why = reply.kind === 'failed' ? reply.why : 'the answer was cut short';
  return { answer: new Fault('RESOLVER_FAILED', why), ttlMs: FAILURE_TTL_MS };
}

function isPresent(ip: Ip | undefined): ip is Ip {
  return ip !== undefined;
}
