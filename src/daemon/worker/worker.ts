// A worker, from its first word with the parent to its end: it serves as a daemon of one process does, with the listeners,
// the configuration and the orders of its parent.
import { Socket } from 'node:net';
import { deserialize } from 'node:v8';
import { giveContents } from '../../config/reading/contents.ts';
import { NOTHING_TRANSLATED } from '../host/dropin.ts';
import { loadAll, type Loaded } from '../host/load.ts';
import { findNative } from '../host/transport.ts';
import type { Launch } from '../running/launch.ts';
import { EXIT, StartFailure, type ExitStatus } from '../unix/exit.ts';
import { HeldDescriptors } from './helddescriptors.ts';
import { LineChannel } from '../workers/linechannel.ts';
import {
  decodeParentMessage,
  type Hello,
  type ParentMessage,
  type Prepare,
} from '../workers/parentmessage.ts';
import { CHANNEL, DESCRIPTORS } from '../workers/station.ts';
import { configOfWorker } from './workerconfig.ts';
import type { WorkerMessage } from '../workers/workermessage.ts';
import { WorkerPost } from './workerpost.ts';

/** Serves until the parent ends it, or has gone. `run` is the daemon of one process. */
export async function runWorker(run: (launch: Launch) => Promise<ExitStatus>): Promise<number> {
  const channel = new Conversation();
  const hello = deserialize(Buffer.from(await channel.first, 'base64')) as Hello;
  const { addon, reason } = findNative();
  const tell = (message: WorkerMessage): void => channel.tell(message);
  const fail = (error: unknown): number => {
    const known = error instanceof StartFailure;
    const status = known ? error.status : EXIT.SOFTWARE;
    tell({ kind: 'failed', status, message: error instanceof Error ? messageOf(error) : String(error) });
    return status;
  };
  if (addon === undefined)
    return fail(new StartFailure(EXIT.OS_ERROR, `a worker needs the native addon: ${reason}`));
  const held = new HeldDescriptors(addon, DESCRIPTORS);
  let present: Prepare = hello;
  const load = (): Loaded => loadAs(hello, present);
  held.take(hello.places.added);
  const post = new WorkerPost({
    hello,
    held,
    tell,
    channel,
    adopt: (prepare) => (present = prepare),
  });
  channel.follow(
    (message) => post.take(message),
    () => post.orphaned(),
  );
  try {
    const status = await run({
      loaded: load(),
      load: () => Promise.resolve(load()),
      warn: (text) => tell({ kind: 'warn', text }),
      ready: () => undefined,
      post,
    });
    post.close();
    return status;
  } catch (error) {
    return fail(error);
  }
}

function messageOf(error: Error): string {
  return error instanceof StartFailure
    ? error.message
    : `this is a bug, please report it: ${error.stack ?? ''}`;
}

/** What the parent has read, as this worker is to understand it. */
function loadAs({ argv, folder, workers }: Hello, { contents, kept, ticketKeys, places }: Prepare): Loaded {
  giveContents(contents);
  const loaded = loadAll(argv, folder, new Map(kept), NOTHING_TRANSLATED);
  const { usable } = loaded;
  if (usable === undefined) return loaded;
  const tls = usable.tls && { ...usable.tls, ticketKeys };
  const config = configOfWorker(usable.config, workers, places.listen);
  return { ...loaded, usable: { ...usable, tls, config } };
}

/** The channel, from the worker's side. */
class Conversation {
  readonly first: Promise<string>;
  readonly #channel: LineChannel;
  readonly #early: ParentMessage[] = [];
  #onFirst: (line: string) => void = () => undefined;
  #hasBegun = false;
  #onMessage: ((message: ParentMessage) => void) | undefined;
  #onEnd: () => void = () => process.exit(EXIT.OK);

  constructor() {
    this.first = new Promise((resolve) => (this.#onFirst = resolve));
    this.#channel = new LineChannel(new Socket({ fd: CHANNEL }), {
      maxLine: Infinity,
      onLine: (line) => this.#take(line),
      onEnd: () => this.#onEnd(),
    });
  }

  follow(onMessage: (message: ParentMessage) => void, onEnd: () => void): void {
    this.#onMessage = onMessage;
    this.#onEnd = onEnd;
    for (const message of this.#early.splice(0)) onMessage(message);
  }

  tell(message: WorkerMessage): void {
    this.#channel.send(JSON.stringify(message));
  }

  get isFree(): boolean {
    return this.#channel.waiting === 0;
  }

  whenFree(listener: () => void): void {
    this.#channel.whenDrained(listener);
  }

  #take(line: string): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#onFirst(line);
      return;
    }
    const message = decodeParentMessage(line);
    if (this.#onMessage === undefined) this.#early.push(message);
    else this.#onMessage(message);
  }
}
