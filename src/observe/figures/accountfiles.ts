// The files of accounts that `pis5ctl usage` reads: one, and what rotation has made of it.
import { createReadStream, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { systemReason } from '../../config/values/systemreason.ts';
import { parseRecord, type AccountRecord } from './accountrecord.ts';

/** `FILE`, `FILE.1`, `FILE.2.gz`, `FILE-20261130.gz`. */
const ROTATED = /^(?:[.-]\d{1,14})?(?:\.gz)?$/;

/** Names of the files that belong to `file`, itself among them. Throws a sentence. */
function filesOf(file: string): readonly string[] {
  const name = basename(file);
  try {
    const found = readdirSync(dirname(file)).filter(
      (each) => each.startsWith(name) && ROTATED.test(each.slice(name.length)),
    );
    if (found.length === 0) throw new Error('there is no such file');
    return found.sort().map((each) => join(dirname(file), each));
  } catch (error) {
    throw new Error(
      `cannot read ${file}: ${systemReason(error)}; name the file of the option accounting with --file`,
      { cause: error },
    );
  }
}

/** Passes every record to `take`; returns the number of invalid lines. Rejects with a sentence. */
export async function readAccounts(file: string, take: (record: AccountRecord) => void): Promise<number> {
  let broken = 0;
  for (const path of filesOf(file)) {
    const bytes = createReadStream(path);
    const text = path.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
    const failed = new Promise<never>((_settle, fail) => {
      for (const stream of new Set([bytes, text])) stream.once('error', fail);
    });
    failed.catch(() => undefined);
    const lines = createInterface({ input: text, crlfDelay: Infinity });
    const ended = new Promise<void>((settle) => lines.once('close', settle));
    lines.on('line', (line) => {
      const record = parseRecord(line);
      if (record === undefined) broken += 1;
      else if (record !== 'titles') take(record);
    });
    try {
      await Promise.race([failed, ended]);
    } catch (error) {
      throw new Error(`cannot read ${path}: ${systemReason(error)}`, { cause: error });
    }
  }
  return broken;
}
