// The state file: what outlives a restart, as one JSON object. The service account reads and writes it, after the drop
// of privileges. Whatever is wrong with it, the daemon serves.
import { constants } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemReason } from '../../config/values/systemreason.ts';
import { list, maybe, object, readJson, whole, type ShapeReader } from '../../control/shape.ts';
import { makeStateText, STATE_VERSION, type StateList } from './statetext.ts';

const SAVE_INTERVAL_MS = 60_000;

/** How long the end of the daemon waits for a slow disk. */
const LAST_SAVE_LIMIT_MS = 2000;

/** One kind of state that is kept. */
export interface StatePart extends StateList {
  /** Reads what save() gave; calling the function puts it back. */
  readonly read: ShapeReader<() => void>;
}

export interface State {
  /** Why nothing is kept at present; undefined when it is, or is not configured. */
  readonly failure: string | undefined;
  /** Writes the file if something has changed. Never rejects. */
  save(): Promise<void>;
  /** Saves a last time, or gives up after LAST_SAVE_LIMIT_MS. */
  close(): Promise<void>;
}

/** A part that is a list of like items. */
export function statePart<T>(
  name: string,
  item: ShapeReader<T>,
  { save, restore }: { readonly save: () => Iterable<T>; readonly restore: (item: T) => void },
): StatePart {
  const items = list(item);
  return {
    name,
    save,
    read(found, where) {
      const saved = items(found, where);
      return () => {
        for (const each of saved) restore(each);
      };
    },
  };
}

/**
 * Restores what `file` has, and writes it from now on; without a file nothing is kept. `warn` is called with its errors, once for
 * repeated ones.
 */
export async function openState(
  file: string | undefined,
  parts: readonly StatePart[],
  warn: (sentence: string) => void,
): Promise<State> {
  if (file === undefined) {
    return { failure: undefined, save: () => Promise.resolve(), close: () => Promise.resolve() };
  }
  const why = await restore(file, parts);
  if (why !== undefined) warn(await setAside(file, why));
  const state = new StateFile(file, parts, warn);
  // At once: an operator who is still there shall hear that it does not work.
  await state.save();
  return state;
}

/** Why nothing was restored; undefined when all was, or there is no file yet. */
async function restore(file: string, parts: readonly StatePart[]): Promise<string | undefined> {
  try {
    return restoreText(await readRegular(file), parts);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : systemReason(error);
  }
}

/** Follows no link, and waits for no pipe: accounts that can write to the folder choose its content. */
async function readRegular(file: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new Error('it is no regular file');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function restoreText(text: string, parts: readonly StatePart[]): string | undefined {
  const head = readJson(text, object({ version: whole(0) }));
  if (head.kind === 'wrong') return head.why;
  const { version } = head.value;
  if (version !== STATE_VERSION) return `its version is ${version}, and not ${STATE_VERSION}`;
  const readers = Object.fromEntries(parts.map(({ name, read }) => [name, maybe(read)]));
  const body = readJson(text, object({ parts: object(readers) }));
  if (body.kind === 'wrong') return body.why;
  for (const putBack of Object.values(body.value.parts)) putBack?.();
  return undefined;
}

/** Moves a file out of the way that is of no use; the sentence for the operator. */
async function setAside(file: string, why: string): Promise<string> {
  const what = `the state file ${file} cannot be used (${why}): counting begins anew`;
  try {
    await rename(file, `${file}.broken`);
    return `${what}; it is ${file}.broken now`;
  } catch (error) {
    return `${what}; it could not be set aside either: ${systemReason(error)}`;
  }
}

class StateFile implements State {
  readonly #file: string;
  readonly #parts: readonly StatePart[];
  readonly #warn: (sentence: string) => void;
  readonly #timer: NodeJS.Timeout;
  /** StateText.digest of what the file has. */
  #written: string | undefined;
  #lastFailure: string | undefined;
  /** The save that was asked for last; it waits for those before it. */
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string, parts: readonly StatePart[], warn: (sentence: string) => void) {
    this.#file = file;
    this.#parts = parts;
    this.#warn = warn;
    this.#timer = setInterval(() => void this.save(), SAVE_INTERVAL_MS).unref();
  }

  get failure(): string | undefined {
    return this.#lastFailure;
  }

  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.race([this.save(), delay(LAST_SAVE_LIMIT_MS, undefined, { ref: false })]);
  }

  async #save(): Promise<void> {
    const { pieces, digest } = await makeStateText(this.#parts);
    if (digest === this.#written) return;
    try {
      await replaceFile(this.#file, pieces);
      this.#written = digest;
      this.#lastFailure = undefined;
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const why = `cannot write the state file ${this.#file}: ${systemReason(error)}`;
    if (why === this.#lastFailure) return;
    this.#lastFailure = why;
    this.#warn(`${why}; without it quotas and bans end with this process: ${remedyOf(error, this.#file)}`);
  }
}

function remedyOf(error: unknown, file: string): string {
  const account = process.getuid?.() ?? 'unknown';
  const folder = dirname(file);
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const look = `"df -h ${folder}", "df -i ${folder}", quotas of uid ${account}`;
    return `make room where ${folder} is (${look}); it is tried every minute`;
  }
  if (code === 'EROFS') {
    return `name a file in a folder that is mounted for writing; under systemd ReadWritePaths= names some`;
  }
  if (['ENOENT', 'EACCES', 'EPERM'].includes(code)) {
    return (
      `give the account of the daemon (uid ${account}) the folder, for example with ` +
      `"install -d -o ${account} ${folder}"`
    );
  }
  return 'it is tried every minute';
}

/** A reader sees the old text or the new one, also after a crash; no partial file is left. */
async function replaceFile(file: string, pieces: readonly string[]): Promise<void> {
  const fresh = `${file}.new`;
  // A crash may have left one. A newly created file is no link and no pipe.
  await rm(fresh, { force: true });
  try {
    await writeNew(fresh, pieces);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeNew(fresh: string, pieces: readonly string[]): Promise<void> {
  const handle = await open(fresh, 'wx', 0o600);
  try {
    // An iterable is written piece by piece.
    await writeFile(handle, pieces);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
