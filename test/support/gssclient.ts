// A client with the library of MIT (gssclient.py), and what it saw.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { run } from './commands.ts';

export interface GssSettings {
  readonly do?: 'talk' | 'token' | 'tamper' | 'pause';
  readonly port?: number;
  readonly service?: string;
  readonly level?: number;
  /** The octet of the level is not wrapped. */
  readonly nec?: boolean;
  /** Sequence numbers are asked for; curl does not. */
  readonly sequence?: boolean;
  readonly command?: number;
  readonly target?: number;
  readonly bytes?: number;
  /** Each byte in a frame of its own, with an empty one behind it. */
  readonly tiny?: boolean;
}

export interface GssSeen {
  readonly method?: number;
  /** The server's level came in clear. */
  readonly plain?: boolean;
  readonly level?: number;
  readonly rep?: number;
  /** What came back is what was sent. */
  readonly same?: boolean;
  readonly fin?: boolean;
  readonly refused?: boolean;
  readonly reset?: boolean;
  /** The server has closed; hex of what was left. */
  readonly closed?: string;
  readonly token?: string;
}

const SCRIPT = fileURLToPath(new URL('./gssclient.py', import.meta.url));

export async function gssClient(
  env: Readonly<Record<string, string>>,
  settings: GssSettings,
): Promise<GssSeen> {
  const told = JSON.stringify({ do: 'talk', ...settings });
  const { status, stdout, stderr } = await run(['/usr/bin/python3', SCRIPT, told], {
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`the client ended with ${status ?? 'a signal'}: ${stderr}`);
  return JSON.parse(stdout) as GssSeen;
}

/** A first token that nobody has seen yet. */
export async function freshToken(env: Readonly<Record<string, string>>, service?: string): Promise<Buffer> {
  const { token = '' } = await gssClient(env, { do: 'token', ...(service === undefined ? {} : { service }) });
  return Buffer.from(token, 'hex');
}

/** A client that is connected through the proxy, and sends its bytes when it is told to. */
export interface PausedClient {
  readonly goOn: () => Promise<GssSeen>;
}

export async function pausedClient(
  env: Readonly<Record<string, string>>,
  settings: GssSettings,
): Promise<PausedClient> {
  const told = JSON.stringify({ ...settings, do: 'pause' });
  const child = spawn('/usr/bin/python3', [SCRIPT, told], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.value !== 'paused') throw new Error(`the client said ${String(first.value)}`);
  return {
    async goOn() {
      child.stdin.end('\n');
      return JSON.parse(String((await lines.next()).value)) as GssSeen;
    },
  };
}
