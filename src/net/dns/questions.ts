// Questions on their way to name servers: equal ones are asked once.

export class OpenQuestions<T> {
  readonly #open = new Map<string, Promise<T>>();

  get size(): number {
    return this.#open.size;
  }

  /** The pending answer to `subject`, or else the one of `ask`, which must not reject. */
  join(subject: string, ask: () => Promise<T>): Promise<T> {
    const open = this.#open.get(subject);
    if (open !== undefined) return open;
    const answer = ask().finally(() => this.#open.delete(subject));
    this.#open.set(subject, answer);
    return answer;
  }
}
