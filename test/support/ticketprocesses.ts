// The processes of pis5tickets that belong to one daemon: the one that serves, and its standby.
import { readdirSync, readFileSync } from 'node:fs';
import type { Daemon } from './daemon.ts';

type Role = 'serving' | 'standby';
const NAMES: Readonly<Record<Role, string>> = { serving: 'pis5tickets', standby: 'pis5standby' };

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  /** The one that the daemon has started made it. */
  readonly session: number;
}

function processes(): readonly Process[] {
  return readdirSync('/proc').flatMap((each) => {
    if (!/^\d+$/.test(each)) return [];
    try {
      const [, name = '', state, parent, session] =
        /^\d+ \((.*)\) (\S) (\d+) \d+ (\d+)/.exec(readFileSync(`/proc/${each}/stat`, 'utf8')) ?? [];
      return state === 'Z'
        ? []
        : [{ pid: Number(each), name, parent: Number(parent), session: Number(session) }];
    } catch {
      return [];
    }
  });
}

export interface TicketProcesses {
  /** Of one that lives, once there is one; bounded: some 10 s. */
  readonly pidOf: (role: Role) => Promise<number>;
  /** Settles when none lives any more; false after some 10 s. */
  readonly haveEnded: () => Promise<boolean>;
}

/** To be called while the first one lives. */
export function ticketProcesses(daemon: Daemon): TicketProcesses {
  const first = processes().find(({ name, parent }) => name === NAMES.serving && parent === daemon.pid);
  if (first === undefined) throw new Error('no pis5tickets');
  const ours = (): readonly Process[] => processes().filter(({ session }) => session === first.session);
  return {
    async pidOf(role) {
      const find = (): number | undefined => ours().find(({ name }) => name === NAMES[role])?.pid;
      await until(() => find() !== undefined);
      const pid = find();
      if (pid === undefined) throw new Error(`no ${NAMES[role]}`);
      return pid;
    },
    haveEnded: () => until(() => ours().length === 0),
  };
}

async function until(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 500 && !holds(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return holds();
}
