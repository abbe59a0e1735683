// What the figures were measured on: they mean little without it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Peer } from './peers.ts';
import { descriptorLimit } from './proc.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly descriptorLimit: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** `peers`: those that --peer names a version of. */
export function describeMachine(peers: readonly Peer[]): Machine {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    descriptorLimit: descriptorLimit(),
    versions: {
      picosocks5: manifest.version,
      commit: firstLine('git', ['rev-parse', '--short', 'HEAD']),
      node: process.version,
      microsocks: firstLine('dpkg-query', ['-W', '-f', '${Version}', 'microsocks']),
      danted: firstLine('dpkg-query', ['-W', '-f', '${Version}', 'dante-server']),
      ...Object.fromEntries(
        peers.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version]])),
      ),
    },
  };
}

/** `unknown` where the program is missing or fails: a version is a note, not a figure. */
function firstLine(program: string, args: readonly string[]): string {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.split('\n')[0]!.trim();
  } catch {
    return 'unknown';
  }
}
