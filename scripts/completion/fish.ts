// Completion for fish: one file for each program, which fish finds by its name.
import type { Flag, Program, Value } from './programs.ts';

export function renderFish({ name, flags, operations }: Program): string {
  // Not __fish_use_subcommand, which takes the value of an option for one.
  const known = [...operations.keys()].join(' ');
  const lines = [
    `# fish completion of ${name}; written by "make render".`,
    `complete -c ${name} -f`,
    ...[...operations].flatMap(([word, value]) => [
      `complete -c ${name} -n 'not __fish_seen_subcommand_from ${known}' -a ${word}`,
      ...behind(name, word, value),
    ]),
    ...flags.map((flag) => lineOf(name, flag)),
  ];
  return `${lines.join('\n')}\n`;
}

function behind(name: string, word: string, value: Value): string[] {
  const given = completing(value);
  return given === '' ? [] : [`complete -c ${name} -n '__fish_seen_subcommand_from ${word}'${given}`];
}

function lineOf(name: string, { long, short, text, value, need }: Flag): string {
  const names = short === undefined ? `-l ${long}` : `-l ${long} -s ${short}`;
  // Without -r fish offers the value behind = only.
  const required = value.kind === 'none' || need === 'optional' ? '' : ' -r';
  const told = text === '' ? '' : ` -d '${text.replace(/[\\']/g, '\\$&')}'`;
  return `complete -c ${name} ${names}${required}${completing(value)}${told}`;
}

function completing(value: Value): string {
  switch (value.kind) {
    case 'words':
      return ` -a '${value.words.join(' ')}'`;
    case 'file':
      return ' -F';
    case 'folder':
      return " -a '(__fish_complete_directories)'";
    case 'user':
      return " -a '(__fish_complete_users)'";
    case 'group':
      return " -a '(__fish_complete_groups)'";
    case 'anything':
    case 'none':
      return '';
  }
}
