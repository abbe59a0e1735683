// The order in which a login goes through the files and sources of a configuration.
import type { AuthChoice } from '../../config/model/config.ts';
import type { User, Users } from '../files/users.ts';
import type { Step } from './chain.ts';
import type { LoginSource } from './source.ts';

/** `users` is the table of all files; `sourceOf` gives the source of the text of an `auth`. */
export function stepsOf(
  auth: readonly AuthChoice[],
  users: Users,
  sourceOf: (text: string) => LoginSource | undefined,
): readonly Step[] {
  const steps: Step[] = [];
  const isOneRun = runsOf(auth) <= 1;
  let run: string[] = [];
  const seen = new Set<string>();
  const endRun = (): void => {
    if (run.length > 0) steps.push({ kind: 'files', users: isOneRun ? users : usersOf(users, run, seen) });
    for (const file of run) seen.add(file);
    run = [];
  };
  for (const choice of auth) {
    if (choice.file !== undefined) {
      run.push(choice.file);
      continue;
    }
    endRun();
    const source = sourceOf(choice.text);
    if (source !== undefined) steps.push({ kind: 'asked', source });
  }
  endRun();
  return steps;
}

/** The number of runs of files in `auth`. */
function runsOf(auth: readonly AuthChoice[]): number {
  return auth.filter(({ file }, at) => file !== undefined && auth[at - 1]?.file === undefined).length;
}

/** The users whom one of these files has, and no earlier one. Those of a command line stand in no file and come first. */
function usersOf(users: Users, files: readonly string[], earlier: ReadonlySet<string>): Users {
  const isHere = ({ file }: User): boolean =>
    file === undefined ? earlier.size === 0 : files.includes(file) && !earlier.has(file);
  const byName = new Map([...users.byName].filter(([, user]) => isHere(user)));
  return { ...users, byName, usable: users.usable.filter(isHere) };
}
