// Metric families that are read at each request, a row for each. Counters of events are rows of MEASURES (observe/measures.ts),
// and families of sessions stand in sessionfamilies.ts.
import type { Vitals, WorkerVitals } from './vitals.ts';

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | undefined;
}

export interface Family {
  readonly type: 'counter' | 'gauge';
  /** Without `picosocks5_`. */
  readonly name: string;
  readonly help: string;
  /** The names of labels; their values are words of the configuration or of this program, never of clients. */
  readonly labels?: readonly string[];
  /** With workers: the largest of theirs, or what their parent alone knows; absent: the sum of them all. */
  readonly over?: 'max' | 'parent';
  /** No reading, or one without a value: it is not known here. */
  readonly read: (vitals: Vitals) => readonly Sample[];
}

const alone = (value: number | undefined): readonly Sample[] => [{ value }];

/** Families of every server. */
export const SERVER_FAMILIES: readonly Family[] = [
  {
    type: 'gauge',
    name: 'build_info',
    over: 'parent',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'transport'],
    read: ({ version, transport }) => [{ labels: { version, transport }, value: 1 }],
  },
  {
    type: 'gauge',
    name: 'sessions',
    help: 'Live sessions, by stage.',
    labels: ['stage'],
    read: ({ stages }) => {
      const { handshake, dialling, relay } = stages();
      return [
        { labels: { stage: 'handshake' }, value: handshake },
        { labels: { stage: 'dialling' }, value: dialling },
        { labels: { stage: 'relay' }, value: relay },
      ];
    },
  },
];

/** Further families of a daemon. */
export const DAEMON_FAMILIES: readonly Family[] = [
  {
    type: 'gauge',
    name: 'start_time_seconds',
    over: 'parent',
    help: 'When this daemon was started, in seconds since 1970.',
    read: ({ daemon }) => alone(daemon?.startedAtSeconds),
  },
  {
    type: 'gauge',
    name: 'ready',
    over: 'parent',
    help: '1 while new clients are served and no drain is announced, as /ready says.',
    read: ({ daemon }) => alone(daemon && Number(daemon.isReady())),
  },
  {
    type: 'gauge',
    name: 'login_queue',
    help: 'Logins that wait for a hashing thread.',
    read: ({ daemon }) => alone(daemon?.waitingLogins()),
  },
  {
    type: 'gauge',
    name: 'bans',
    over: 'parent',
    help: 'Clients and names that are banned now.',
    read: ({ daemon }) => alone(daemon?.bans()),
  },
  {
    type: 'gauge',
    name: 'users',
    over: 'parent',
    help: 'Users of the user files.',
    read: ({ daemon }) => alone(daemon?.users()),
  },
  {
    type: 'gauge',
    name: 'descriptors',
    over: 'max',
    help: 'File descriptors that are open, and their limit; of several workers those of the fullest.',
    labels: ['kind'],
    read: ({ daemon }) => [
      { labels: { kind: 'open' }, value: daemon?.openDescriptors() },
      { labels: { kind: 'limit' }, value: daemon?.descriptorLimit },
    ],
  },
  {
    type: 'gauge',
    name: 'resident_memory_bytes',
    help: 'Resident memory of the process, with those of its workers.',
    read: ({ daemon }) => alone(daemon?.residentBytes()),
  },
  {
    type: 'counter',
    name: 'cpu_seconds_total',
    help: 'Processor time of the process, in all its threads, with those of its workers.',
    read: ({ daemon }) => alone(daemon?.cpuSeconds()),
  },
  {
    type: 'gauge',
    name: 'way_up',
    over: 'max',
    help: 'Whether a way through proxies works (1), has failed lately (0), or has not been tried (1).',
    labels: ['way'],
    read: ({ daemon }) =>
      (daemon?.ways() ?? []).map(({ via, isUp }) => ({ labels: { way: via }, value: Number(isUp) })),
  },
  {
    type: 'counter',
    name: 'reload_total',
    over: 'parent',
    help: 'Reloads of the configuration, by result.',
    labels: ['result'],
    read: ({ daemon }) => {
      const reloads = daemon?.reloads();
      return [
        { labels: { result: 'ok' }, value: reloads?.ok },
        { labels: { result: 'failed' }, value: reloads?.failed },
      ];
    },
  },
  {
    type: 'gauge',
    name: 'config_last_success_timestamp_seconds',
    over: 'parent',
    help: 'When the configuration in force was read, in seconds since 1970.',
    read: ({ daemon }) => alone(daemon?.configuredAtSeconds()),
  },
  {
    type: 'gauge',
    name: 'state_file_failed',
    over: 'parent',
    help: '1 while the state file cannot be written.',
    read: ({ daemon }) => alone(daemon && Number(daemon.hasStateFailed())),
  },
];

/** What a parent of workers knows beside. */
export const CREW_FAMILIES: readonly Family[] = [
  {
    type: 'gauge',
    name: 'worker_up',
    over: 'parent',
    help: 'Whether this worker has answered (1); its numbers are those of its last answer where it has not (0).',
    labels: ['worker'],
    read: ({ daemon }) => byWorker(daemon, ({ isUp }) => Number(isUp)),
  },
  {
    type: 'gauge',
    name: 'worker_sessions',
    over: 'parent',
    help: 'Live sessions of this worker.',
    labels: ['worker'],
    read: ({ daemon }) => byWorker(daemon, ({ sessions }) => sessions),
  },
  {
    type: 'counter',
    name: 'workers_lost_total',
    over: 'parent',
    help: 'Workers that have ended, and their sessions with them; another one took the place of each.',
    read: ({ daemon }) => alone(daemon?.crew?.lost()),
  },
];

function byWorker(daemon: Vitals['daemon'], valueOf: (worker: WorkerVitals) => number): readonly Sample[] {
  const workers = daemon?.crew?.workers() ?? [];
  return workers.map((each) => ({ labels: { worker: String(each.worker) }, value: valueOf(each) }));
}
