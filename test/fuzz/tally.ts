// Figures of a run.
import type { Played } from './client.ts';

export class Tally {
  sessions = 0;
  bytes = 0;
  decoded = 0;
  controls = 0;
  slowestControlMs = 0;
  readonly #outcomes = new Map<string, number>();
  readonly #endings = new Map<string, number>();

  session(played: Played, outcome: string): void {
    this.sessions += 1;
    this.bytes += played.sent.length + played.answer.length;
    for (const { length } of played.sentDatagrams) this.bytes += length;
    count(this.#outcomes, outcome);
    count(this.#endings, played.ending);
    if (played.datagrams.length > 0) count(this.#outcomes, '(datagrams came back)');
  }

  control(milliseconds: number): void {
    this.controls += 1;
    this.slowestControlMs = Math.max(this.slowestControlMs, milliseconds);
  }

  /** Lines for people, the most frequent outcome first. */
  lines(): readonly string[] {
    const outcomes = [...this.#outcomes].sort(([, one], [, other]) => other - one);
    const endings = [...this.#endings].map(([ending, times]) => `${ending} ${times}`).join(', ');
    return [
      `${this.sessions} sessions (${endings}), ${this.bytes} bytes, ${this.decoded} decoder calls`,
      `${this.controls} control clients, the slowest took ${Math.round(this.slowestControlMs)} ms`,
      ...outcomes.map(([outcome, times]) => `${String(times).padStart(9)}  ${outcome}`),
    ];
  }
}

function count(table: Map<string, number>, key: string): void {
  table.set(key, (table.get(key) ?? 0) + 1);
}
