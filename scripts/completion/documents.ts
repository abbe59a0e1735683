// The files with completion for shells, which "make render" writes like the documents of config/documents/documents.ts.
import type { Document } from '../../src/config/documents/documents.ts';
import { renderBash } from './bash.ts';
import { renderFish } from './fish.ts';
import { PROGRAMS } from './programs.ts';
import { renderZsh } from './zsh.ts';

export const COMPLETIONS: readonly Document[] = [
  { path: 'etc/completion/picosocks5.bash', render: () => renderBash(PROGRAMS) },
  { path: 'etc/completion/_picosocks5', render: () => renderZsh(PROGRAMS) },
  ...PROGRAMS.map((program) => ({
    path: `etc/completion/${program.name}.fish`,
    render: () => renderFish(program),
  })),
];
