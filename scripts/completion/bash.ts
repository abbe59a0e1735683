// Completion for bash(1), without the functions of the package bash-completion.
import type { Flag, Program, Value } from './programs.ts';

/** One file for all programs, each with a function of its own. */
export function renderBash(programs: readonly Program[]): string {
  const names = programs.map(({ name }) => name);
  return `# bash completion of ${names.join(', ')}; written by "make render".

${programs.map(renderProgram).join('\n')}`;
}

function renderProgram({ name, flags, operations }: Program): string {
  const valued = flags.filter(({ value }) => value.kind !== 'none');
  const required = valued.filter(({ need }) => need === 'required');
  // Without its = an optional value is not one.
  const optional = valued.filter(({ need }) => need === 'optional');
  const behind = [...operations].filter(([, value]) => value.kind !== 'none');
  return `_${name}() {
	local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} word last='' operation=''
	# bash takes --option=value for three words.
	[[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD - 2]}=
	[[ $cur == = ]] && cur='' && prev=$prev=
	COMPREPLY=()
	case $prev in
${cases([
  ...required.map((flag) => [namesOf(flag).flatMap((each) => [each, `${each}=`]), flag.value] as const),
  ...optional.map(({ long, value }) => [[`--${long}=`], value] as const),
])}	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '${flags.flatMap(namesOf).join(' ')}' -- "$cur")
		return
	fi
	for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		=) continue ;;
		-*) last=$word && continue ;;
		esac
		case $last in
		${required.flatMap(namesOf).join(' | ')}) last='' ;;
		*) operation=$word && break ;;
		esac
	done
	case $operation in
	'') mapfile -t COMPREPLY < <(compgen -W '${[...operations.keys()].join(' ')}' -- "$cur") ;;
${cases(behind.map(([word, value]) => [[word], value] as const))}	esac
}
complete -F _${name} ${name}
`;
}

function namesOf({ long, short }: Flag): string[] {
  return short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`];
}

/** Branches of a case, those with the same answer in one. */
function cases(rows: readonly (readonly [patterns: readonly string[], value: Value])[]): string {
  const patterns = new Map<string, string[]>();
  for (const [words, value] of rows) {
    const same = patterns.get(answer(value)) ?? [];
    patterns.set(answer(value), [...same, ...words]);
  }
  return [...patterns].map(([does, words]) => `\t${words.join(' | ')}) ${does} ;;\n`).join('');
}

/** Ends the function with what fits the value. */
function answer(value: Value): string {
  const generate = (how: string): string => `mapfile -t COMPREPLY < <(compgen ${how} -- "$cur"); return`;
  switch (value.kind) {
    case 'words':
      return generate(`-W '${value.words.join(' ')}'`);
    case 'file':
      return `compopt -o filenames 2>/dev/null; ${generate('-f')}`;
    case 'folder':
      return `compopt -o filenames 2>/dev/null; ${generate('-d')}`;
    case 'user':
      return generate('-u');
    case 'group':
      return generate('-g');
    case 'anything':
    case 'none':
      return 'return';
  }
}
