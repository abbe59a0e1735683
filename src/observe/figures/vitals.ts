// The questions that metrics ask when they are read.
import type { Totals } from '../measures.ts';

export interface Vitals {
  readonly version: string;
  readonly transport: string;
  /** Sums since the start, with the bytes of live sessions. */
  readonly totals: () => Totals;
  readonly stages: () => Stages;
  /** undefined: a program that embeds the server. */
  readonly daemon: DaemonVitals | undefined;
}

/** Live sessions by stage. */
export interface Stages {
  readonly handshake: number;
  readonly dialling: number;
  readonly relay: number;
}

export interface DaemonVitals {
  readonly startedAtSeconds: number;
  readonly isReady: () => boolean;
  readonly waitingLogins: () => number;
  readonly bans: () => number;
  readonly users: () => number;
  /** undefined: the system does not tell; the same holds for the memory. */
  readonly openDescriptors: () => number | undefined;
  /** undefined: unlimited. */
  readonly descriptorLimit: number | undefined;
  readonly residentBytes: () => number | undefined;
  readonly cpuSeconds: () => number;
  readonly ways: () => readonly { readonly via: string; readonly isUp: boolean }[];
  readonly reloads: () => { readonly ok: number; readonly failed: number };
  readonly configuredAtSeconds: () => number;
  readonly hasStateFailed: () => boolean;
  /** undefined: one process serves. */
  readonly crew: CrewVitals | undefined;
}

/** Of the workers of a parent. */
export interface CrewVitals {
  readonly workers: () => readonly WorkerVitals[];
  /** Those that ended before their time. */
  readonly lost: () => number;
}

export interface WorkerVitals {
  /** Its place, from 1 on. */
  readonly worker: number;
  /** It has answered the last question for its numbers. */
  readonly isUp: boolean;
  readonly sessions: number;
}
