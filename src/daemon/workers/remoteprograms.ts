// The processes of programs that the parent of this worker has started, as if they were our own.
import type { Child, ChildEvents, Children } from '../../auth/sources/place.ts';
import { displayText } from '../../base/bytes.ts';
import type { ChildNews, ChildOrder } from './childmessage.ts';
import { commandKey } from './keptprograms.ts';

export class RemotePrograms {
  readonly #send: (order: ChildOrder) => void;
  readonly #programs = new Map<string, RemoteProgram>();

  constructor(send: (order: ChildOrder) => void) {
    this.#send = send;
  }

  readonly childrenOf = (command: readonly string[]): Children => {
    const key = commandKey(command);
    const program = new RemoteProgram(key, this.#send);
    this.#programs.set(key, program);
    return program;
  };

  hear(news: ChildNews): void {
    this.#programs.get(news.program)?.hear(news);
  }
}

class RemoteProgram implements Children {
  readonly #key: string;
  readonly #send: (order: ChildOrder) => void;
  readonly #children = new Map<number, ChildEvents>();
  #last = 0;

  constructor(key: string, send: (order: ChildOrder) => void) {
    this.#key = key;
    this.#send = send;
  }

  start(events: ChildEvents): Child {
    const child = ++this.#last;
    this.#children.set(child, events);
    const order = (deed: ChildOrder['deed'], bytes: Uint8Array = new Uint8Array(0)): void =>
      this.#send({ program: this.#key, child, deed, bytes: Buffer.from(bytes).toString('base64') });
    order('start');
    return { write: (bytes) => order('input', bytes), kill: () => order('end') };
  }

  close(): void {
    for (const child of this.#children.keys())
      this.#send({ program: this.#key, child, deed: 'end', bytes: '' });
  }

  hear({ child, event, bytes: told }: ChildNews): void {
    const events = this.#children.get(child);
    const bytes = Buffer.from(told, 'base64');
    if (event === 'output') events?.output(bytes);
    else if (event === 'errors') events?.errors(bytes);
    else {
      this.#children.delete(child);
      events?.ended(displayText(bytes));
    }
  }
}
