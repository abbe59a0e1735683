// Answers of all workers to one request of pis5ctl as the answer of the daemon. Pure.
import type {
  AnswerTo,
  ControlAnswer,
  DaemonStatus,
  SessionReport,
  WayStatus,
} from '../../control/controlanswer.ts';
import type { SourceStatus } from '../../control/sourcestatus.ts';
import type { RequestFor } from '../../control/controlmessage.ts';
import { ORDERS } from '../report/livesessions.ts';

/** Answers of those that have answered in time. */
type Answers = readonly ControlAnswer[];

type Command = Extract<ControlAnswer, { ok: true }>['command'];

export function answersTo<Name extends Command>(command: Name, answers: Answers): readonly AnswerTo<Name>[] {
  return answers.filter((each): each is AnswerTo<Name> => each.ok && each.command === command);
}

/** The sums and lists of the workers, with the values of the parent in front. */
export function mergeStatus(own: DaemonStatus, statuses: readonly DaemonStatus[]): DaemonStatus {
  const sum = (pick: (status: DaemonStatus) => number): number =>
    statuses.reduce((total, status) => total + pick(status), 0);
  const descriptors = statuses.map((status) => status.descriptors ?? 0);
  return {
    ...own,
    live: sum(({ live }) => live),
    handshakes: sum(({ handshakes }) => handshakes),
    commands: {
      connect: sum(({ commands }) => commands.connect),
      bind: sum(({ commands }) => commands.bind),
      assoc: sum(({ commands }) => commands.assoc),
      resolve: sum(({ commands }) => commands.resolve),
    },
    memoryBytes: (own.memoryBytes ?? 0) + sum(({ memoryBytes = 0 }) => memoryBytes),
    // Each process has its own limit, so the fullest one counts.
    descriptors: descriptors.length === 0 ? undefined : Math.max(...descriptors),
    ways: mergeWays(statuses.map(({ ways }) => ways ?? [])),
    sources: mergeSources(statuses.map(({ sources }) => sources ?? [])),
  };
}

/** A way is up where any worker finds it up; the others find out for themselves. */
function mergeWays(lists: readonly (readonly WayStatus[])[]): readonly WayStatus[] | undefined {
  const merged = new Map<string, WayStatus>();
  for (const way of lists.flat()) {
    const known = merged.get(way.via);
    const better = known === undefined || rankOf(way) > rankOf(known) ? way : known;
    merged.set(way.via, { ...better, sessions: way.sessions + (known?.sessions ?? 0) });
  }
  return merged.size === 0 ? undefined : [...merged.values()];
}

/** Sources of users: the sums of all workers for each. */
function mergeSources(lists: readonly (readonly SourceStatus[])[]): readonly SourceStatus[] | undefined {
  const merged = new Map<string, SourceStatus>();
  for (const source of lists.flat()) {
    const known = merged.get(source.name);
    const better = known === undefined || rankOf(source) > rankOf(known) ? source : known;
    merged.set(source.name, {
      ...better,
      asked: source.asked + (known?.asked ?? 0),
      unanswered: source.unanswered + (known?.unanswered ?? 0),
      waiting: source.waiting + (known?.waiting ?? 0),
    });
  }
  return merged.size === 0 ? undefined : [...merged.values()];
}

function rankOf({ state }: { readonly state: string }): number {
  return ['untried', 'down', 'up'].indexOf(state);
}

/** The first `limit` of all, in the order that is asked for. */
export function mergeSessions(
  answers: readonly AnswerTo<'sessions'>[],
  { sort, limit }: RequestFor<'sessions'>,
): AnswerTo<'sessions'> {
  const sessions: readonly SessionReport[] = answers.flatMap((each) => each.sessions);
  return {
    ok: true,
    command: 'sessions',
    matching: answers.reduce((sum, each) => sum + each.matching, 0),
    sessions: [...sessions].sort(ORDERS[sort]).slice(0, limit),
  };
}
