// Metric families that are read at each request, a row for each. Counters of events are rows of MEASURES (observe/measures.ts),
// and families of sessions stand in sessionfamilies.ts.
import type { Vitals } from './vitals.ts';

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
  /** No reading, or one without a value: it is not known here. */
  readonly read: (vitals: Vitals) => readonly Sample[];
}

const alone = (value: number | undefined): readonly Sample[] => [{ value }];

/** Families of every server. */
export const SERVER_FAMILIES: readonly Family[] = [
  {
    type: 'gauge',
    name: 'build_info',
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
    help: 'When this daemon was started, in seconds since 1970.',
    read: ({ daemon }) => alone(daemon?.startedAtSeconds),
  },
  {
    type: 'gauge',
    name: 'ready',
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
    help: 'Clients and names that are banned now.',
    read: ({ daemon }) => alone(daemon?.bans()),
  },
  {
    type: 'gauge',
    name: 'users',
    help: 'Users of the user files.',
    read: ({ daemon }) => alone(daemon?.users()),
  },
  {
    type: 'gauge',
    name: 'descriptors',
    help: 'File descriptors that are open, and their limit.',
    labels: ['kind'],
    read: ({ daemon }) => [
      { labels: { kind: 'open' }, value: daemon?.openDescriptors() },
      { labels: { kind: 'limit' }, value: daemon?.descriptorLimit },
    ],
  },
  {
    type: 'gauge',
    name: 'resident_memory_bytes',
    help: 'Resident memory of the process.',
    read: ({ daemon }) => alone(daemon?.residentBytes()),
  },
  {
    type: 'counter',
    name: 'cpu_seconds_total',
    help: 'Processor time of the process, in all its threads.',
    read: ({ daemon }) => alone(daemon?.cpuSeconds()),
  },
  {
    type: 'gauge',
    name: 'way_up',
    help: 'Whether a way through proxies works (1), has failed lately (0), or has not been tried (1).',
    labels: ['way'],
    read: ({ daemon }) =>
      (daemon?.ways() ?? []).map(({ via, isUp }) => ({ labels: { way: via }, value: Number(isUp) })),
  },
  {
    type: 'counter',
    name: 'reload_total',
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
    help: 'When the configuration in force was read, in seconds since 1970.',
    read: ({ daemon }) => alone(daemon?.configuredAtSeconds()),
  },
  {
    type: 'gauge',
    name: 'state_file_failed',
    help: '1 while the state file cannot be written.',
    read: ({ daemon }) => alone(daemon && Number(daemon.hasStateFailed())),
  },
];
