// Completion for zsh: one file, _picosocks5, that its compinit finds by the first line.
import type { Flag, Program, Value } from './programs.ts';

export function renderZsh(programs: readonly Program[]): string {
  return `#compdef ${programs.map(({ name }) => name).join(' ')}
# zsh completion; written by "make render".

case $service in
${programs.map(renderProgram).join('')}esac
`;
}

function renderProgram({ name, flags, operations }: Program): string {
  const words = [...operations.keys()].join(' ');
  const behind = [...operations.values()].find(({ kind }) => kind === 'file');
  const operands = [`'1: :(${words})'`, `'*: :${behind === undefined ? '' : '_files'}'`];
  const lines = [...flags.flatMap(specsOf), ...operands].map((spec) => `\t\t${spec}`);
  return `${name})\n\t_arguments -S \\\n${lines.join(' \\\n')}\n\t;;\n`;
}

/** One for each name of the option: `-c` takes its value in the same word or the next, `--config` also behind `=`. */
function specsOf({ long, short, text, value, need }: Flag): string[] {
  const told = text === '' ? '' : `[${escape(text)}]`;
  const [after, colon] = need === 'optional' ? ['=-', '::'] : ['=', ':'];
  const what = value.kind === 'none' ? '' : `${colon}${long}:${actionOf(value)}`;
  const longSpec = `'*--${long}${value.kind === 'none' ? '' : after}${told}${what}'`;
  if (short === undefined) return [longSpec];
  return [`'*-${short}${value.kind === 'none' ? '' : '+'}${told}${what}'`, longSpec];
}

function actionOf(value: Value): string {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'user':
      return '_users';
    case 'group':
      return '_groups';
    case 'anything':
    case 'none':
      return ' ';
  }
}

/** Within '...' and [...]. */
function escape(text: string): string {
  return text.replace(/[[\]\\:]/g, (mark) => `\\${mark}`).replaceAll("'", `'\\''`);
}
