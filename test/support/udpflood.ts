// A sender of datagrams that never stops to think, in a process of its own: it must not take the time of the test.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

const PROGRAM = fileURLToPath(new URL('udpflood.py', import.meta.url));

export interface UdpFlood {
  /** Port that its datagrams come from. */
  readonly port: number;
  /** Begins to send to that port of 127.0.0.1. */
  begin(target: number): Promise<void>;
  /** Datagrams that were sent. */
  end(): Promise<number>;
}

/** Sends `payloads` in turn from `source`; ends with the test, and after 10 s by itself. */
export async function udpFlood(
  t: ExecutionContext,
  source: string,
  payloads: readonly Uint8Array[],
): Promise<UdpFlood> {
  const child = spawn(
    'python3',
    [PROGRAM, source, ...payloads.map((each) => Buffer.from(each).toString('hex'))],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const number = async (): Promise<number> => Number((await lines.next()).value);
  const port = await number();
  return {
    port,
    async begin(target) {
      child.stdin.write(`${target}\n`);
      await lines.next();
    },
    end() {
      child.stdin.end();
      return number();
    },
  };
}
