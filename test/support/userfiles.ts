// Files of users that pis5user changes, and what Apache says of them.
import { mkdtempSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const folder = mkdtempSync(join(tmpdir(), 'pis5user-'));

let files = 0;

export function fileWith(text: string): string {
  const file = join(folder, `users${files++}`);
  writeFileSync(file, text, { mode: 0o640 });
  return file;
}

export const KEPT = '# users of the proxy\nzoe:$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/\n\n';

export const FAST = ['-C', '4'];
