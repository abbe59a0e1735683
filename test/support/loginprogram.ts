// A program of the tests that answers logins as squid's helpers do.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `alice`/`secret` is right, and in two groups; `bh`, `silent` and `die` do so; each question is written to FOLDER/asked. */
const SCRIPT = `#!/bin/sh
while read -r user password; do
  [ -w "$1" ] && echo "$user" >> "$1"
  case "$user $password" in
    'alice secret') echo 'OK user=Alice group=staff group=ops' ;;
    'bob secret') echo 'OK' ;;
    bh*) echo 'BH out of order' ;;
    silent*) ;;
    die*) echo 'going down' >&2; exit 3 ;;
    *) echo 'ERR wrong' ;;
  esac
done
`;

export interface LoginProgram {
  /** The value of `auth`. */
  readonly auth: string;
  readonly file: string;
  /** Has a line for each question, its user. */
  readonly asked: string;
}

export function loginProgram(folder: string): LoginProgram {
  const [file, asked] = [join(folder, 'program'), join(folder, 'asked')];
  writeFileSync(file, SCRIPT, { mode: 0o755 });
  writeFileSync(asked, '');
  return { file, asked, auth: `helper:${file} ${asked}` };
}
