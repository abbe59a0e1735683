// One question on its way from server to server, as res_send() of glibc does it: all servers in turn, `attempts`
// times. A late answer from an earlier server counts as well.
import type { DnsQuestion, DnsReply } from '../../protocol/dns.ts';
import type { DnsServer, DnsSettings } from './resolvconf.ts';

/** One way to ask a server; returns the function that stops waiting. */
export type AskServer = (
  server: DnsServer,
  question: Omit<DnsQuestion, 'id'>,
  answer: (reply: DnsReply) => void,
) => () => void;

interface Means {
  readonly byUdp: AskServer;
  readonly byTcp: AskServer;
  /** Calls `then` after a time; returns the function that cancels it. */
  readonly after: (milliseconds: number, then: () => void) => () => void;
}

/** For a server that keeps silent. */
const SILENT: DnsReply = { kind: 'failed', why: 'no answer' };
const CLOSED: DnsReply = { kind: 'failed', why: 'the resolver was closed' };

export class Inquiry {
  readonly #means: Means;
  readonly #question: Omit<DnsQuestion, 'id'>;
  readonly #settings: DnsSettings;
  /** In the order of asking. */
  readonly #servers: readonly DnsServer[];
  readonly #settled: (reply: DnsReply) => void;
  /** Servers that refused, or whose answers make no sense. These lists are short, and usually absent. */
  #failed: DnsServer[] | undefined;
  #failure: DnsReply | undefined;
  readonly #forget: (() => void)[] = [];
  /** Servers asked over TCP, once each. */
  #overTcp: DnsServer[] | undefined;
  #tries = 0;
  #stopWaiting: (() => void) | undefined;
  #isOver = false;

  /** Begins with the server at `first`. `settled` is called once, with `found`, `nothing` or `failed`. */
  constructor(
    means: Means,
    settings: DnsSettings,
    first: number,
    question: Omit<DnsQuestion, 'id'>,
    settled: (reply: DnsReply) => void,
  ) {
    this.#means = means;
    this.#settings = settings;
    this.#question = question;
    this.#settled = settled;
    const { servers } = settings;
    this.#servers = first === 0 ? servers : [...servers.slice(first), ...servers.slice(0, first)];
    this.#askNext();
  }

  close(): void {
    this.#end(CLOSED);
  }

  #askNext(): void {
    this.#stopWaiting?.();
    while (this.#tries < this.#servers.length * this.#settings.attempts) {
      const at = this.#tries++ % this.#servers.length;
      const server = this.#servers[at];
      // A server that failed would fail again.
      if (server === undefined || this.#failed?.includes(server)) continue;
      this.#ask(server, this.#means.byUdp, this.#patienceMs(at));
      return;
    }
    this.#end(this.#failure ?? SILENT);
  }

  #ask(server: DnsServer, by: AskServer, patienceMs: number): void {
    const attempt = this.#tries;
    this.#stopWaiting = this.#means.after(patienceMs, () => this.#askNext());
    const forget = by(server, this.#question, (reply) => this.#take(server, reply, attempt));
    if (this.#isOver) forget();
    else this.#forget.push(forget);
  }

  #take(server: DnsServer, reply: DnsReply, attempt: number): void {
    if (this.#isOver || this.#failed?.includes(server)) return;
    if (reply.kind === 'truncated') {
      if (this.#overTcp?.includes(server)) return;
      (this.#overTcp ??= []).push(server);
      this.#stopWaiting?.();
      this.#ask(server, this.#means.byTcp, this.#settings.timeoutMs);
    } else if (reply.kind === 'failed') {
      (this.#failed ??= []).push(server);
      this.#failure ??= reply;
      if (attempt === this.#tries || this.#failed.length === this.#servers.length) this.#askNext();
    } else this.#end(reply);
  }

  /** As in glibc: each further server gets twice the time of the one before, divided by their number. */
  #patienceMs(at: number): number {
    const { timeoutMs } = this.#settings;
    return at === 0
      ? timeoutMs
      : Math.max((timeoutMs * 2 ** at) / this.#servers.length, Math.min(timeoutMs, 1000));
  }

  #end(reply: DnsReply): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWaiting?.();
    for (const forget of this.#forget) forget();
    this.#settled(reply);
  }
}
