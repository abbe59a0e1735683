// Questions on their way to name servers, so that nobody asks the same twice.

export class OpenQuestions<T> {
  readonly #open = new Map<string, Promise<T>>();

  get size(): number {
    return this.#open.size;
  }

  /** The answer to `subject` that is on its way, or else what `ask` gives, which must not reject. */
  join(subject: string, ask: () => Promise<T>): Promise<T> {
    const open = this.#open.get(subject);
    if (open !== undefined) return open;
    const answer = ask().finally(() => this.#open.delete(subject));
    this.#open.set(subject, answer);
    return answer;
  }
}
