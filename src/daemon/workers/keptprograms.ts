// Programs that are asked about logins and that only root could start as another account (`helper-as`): the parent of workers has their
// starters, and each worker has processes of its own there.
import type { Child, Children } from '../../auth/sources/place.ts';
import type { AskedSource, Config } from '../../config/model/config.ts';
import { askedOf } from '../../config/values/authsource.ts';
import type { ParentMessage } from './parentmessage.ts';
import type { ChildOrder } from './childmessage.ts';

/** A worker, as far as programs are concerned. */
export interface Asker {
  tell(message: ParentMessage): void;
  /** It does not read what it is told. */
  readonly isFull: boolean;
}

/** Its processes at one starter, by number. */
type Running = Map<number, Child>;

export class KeptPrograms {
  readonly #starters: ReadonlyMap<string, Children>;
  readonly #maxChildren: number;
  readonly #running = new Map<Asker, Map<string, Running>>();

  /** `starters` by commandKey(); `maxChildren`: processes of one worker at each. */
  constructor(starters: ReadonlyMap<string, Children>, maxChildren: number) {
    this.#starters = starters;
    this.#maxChildren = maxChildren;
  }

  obey(asker: Asker, { program, child, deed, bytes }: ChildOrder): void {
    const running = this.#runningOf(asker, program);
    if (deed === 'start') this.#start(asker, program, child);
    else if (deed === 'input') running.get(child)?.write(Buffer.from(bytes, 'base64'));
    else running.get(child)?.kill();
  }

  /** A worker has ended, and nobody reads answers to it. */
  lose(asker: Asker): void {
    for (const running of this.#running.get(asker)?.values() ?? []) {
      for (const child of running.values()) child.kill();
    }
    this.#running.delete(asker);
  }

  close(): void {
    for (const starter of this.#starters.values()) starter.close();
  }

  #start(asker: Asker, program: string, child: number): void {
    const running = this.#runningOf(asker, program);
    const starter = this.#starters.get(program);
    const tell = (event: 'output' | 'errors' | 'ended', bytes: Uint8Array): void => {
      if (this.#running.has(asker))
        asker.tell({ kind: 'child', program, child, event, bytes: Buffer.from(bytes).toString('base64') });
    };
    const refuse = (why: string): void => tell('ended', Buffer.from(why));
    if (starter === undefined) refuse('is not one that the parent of this worker has started');
    else if (running.has(child) || running.size >= this.#maxChildren) refuse('has enough processes already');
    else {
      const pass = (event: 'output' | 'errors', bytes: Uint8Array): void => {
        if (asker.isFull) running.get(child)?.kill();
        else tell(event, bytes);
      };
      const started = starter.start({
        output: (bytes) => pass('output', bytes),
        errors: (bytes) => pass('errors', bytes),
        ended: (why) => {
          running.delete(child);
          refuse(why);
        },
      });
      running.set(child, started);
    }
  }

  #runningOf(asker: Asker, program: string): Running {
    const programs = this.#running.get(asker) ?? new Map<string, Running>();
    this.#running.set(asker, programs);
    // A name that is none of ours is not kept.
    const running = programs.get(program) ?? new Map<number, Child>();
    if (this.#starters.has(program)) programs.set(program, running);
    return running;
  }
}

type Helper = AskedSource & { readonly format: 'helper' };

/** The programs that workers cannot start by themselves. */
export function relayedPrograms({ auth, helperAs }: Config): readonly Helper[] {
  if (helperAs === undefined) return [];
  return askedOf(auth).filter((source): source is Helper => source.format === 'helper');
}

/** By which a worker and its parent know a program. */
export function commandKey(command: readonly string[]): string {
  return JSON.stringify(command);
}

/** To be called as root. Rejects with StartFailure. */
export async function keepPrograms(config: Config): Promise<KeptPrograms | undefined> {
  const programs = relayedPrograms(config);
  if (programs.length === 0) return undefined;
  const { startStarter } = await import('../logins/starterlink.ts');
  const { accountOf } = await import('../logins/sources.ts');
  const starters = new Map<string, Children>();
  for (const { command } of programs) {
    const account = accountOf(config, `helper:${command[0] ?? ''}`);
    starters.set(commandKey(command), await startStarter(command, account));
  }
  return new KeptPrograms(starters, config.helperChildren);
}
