// The configuration of one worker: without the duties of its parent, and with its share of the limits of the whole daemon.
import { availableParallelism } from 'node:os';
import type { Config, ListenAddress } from '../../config/model/config.ts';

export function configOfWorker(config: Config, workers: number, listen: readonly ListenAddress[]): Config {
  const part = (whole: number): number => Math.ceil(whole / workers);
  return {
    ...config,
    listen,
    workers: 1,
    relayThreads: config.relayThreads || Math.max(1, Math.floor(availableParallelism() / workers)),
    udpMaxPeersTotal: part(config.udpMaxPeersTotal),
    stalledBytes: part(config.stalledBytes),
    helperChildren: part(config.helperChildren),
    user: undefined,
    group: undefined,
    pidFile: undefined,
    control: undefined,
    ready: undefined,
    page: undefined,
    // Its records go to the parent: it reaches no file.
    accounting: config.accounting && { kind: 'output' },
    takeover: false,
    stateFile: undefined,
  };
}
