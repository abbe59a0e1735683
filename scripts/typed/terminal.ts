// A shell on a terminal, typed at as a person would: one line at a time, and a password at each prompt for one.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

const LIMIT_MS = Number(process.env['TYPED_LIMIT_MS'] ?? 240_000);
const PROMPT = /(?:password[^\n]*|once more): ?$/i;
const ENDED = /\n@@(\d+)@@\r?\n/;

/** A command that was typed. */
export interface Ended {
  readonly status: number;
  readonly output: string;
  /** How often a password was asked for. */
  readonly prompts: number;
}

export class Terminal {
  #output = '';
  #whenMore = (): void => undefined;
  #ready: Promise<void> | undefined;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(folder: string) {
    const env = { ...process.env, PS1: '', TERM: 'dumb', PAGER: 'cat', SYSTEMD_PAGER: 'cat', HOME: '/root' };
    const shell = 'bash --noprofile --norc --noediting';
    this.#child = spawn('script', ['-qfec', shell, '/dev/null'], { cwd: folder, env, stdio: 'pipe' });
    this.#child.stdout.on('data', (bytes: Buffer) => {
      this.#output += bytes.toString();
      this.#whenMore();
    });
    this.#child.on('exit', () => this.#whenMore());
    this.#child.stdin.on('error', () => undefined);
  }

  /** Neither what is typed is shown, nor a prompt of the shell: what is shown comes from the command. */
  async #setUp(): Promise<void> {
    this.#child.stdin.write("PS1=; stty -echo; printf '@@%s@@' ready\n");
    await this.#more((output) => output.includes('@@ready@@'));
  }

  /** Types a command, and the password where one is asked for. */
  async type(command: string, password: string): Promise<Ended> {
    await (this.#ready ??= this.#setUp());
    this.#output = '';
    this.#child.stdin.write(`eval ${quote(command)}; printf '\\n@@%s@@\\n' "$?"\n`);
    let prompts = 0;
    let seen = 0;
    for (;;) {
      await this.#more((output) => ENDED.test(output) || PROMPT.test(output.slice(seen)));
      const ended = ENDED.exec(this.#output);
      if (ended !== null) return { status: Number(ended[1]), output: this.#output, prompts };
      prompts += 1;
      seen = this.#output.length;
      this.#child.stdin.write(`${password}\r`);
    }
  }

  /** Types a command that stays, and waits until it shows that. */
  async begin(command: string, shows: RegExp): Promise<void> {
    await (this.#ready ??= this.#setUp());
    this.#output = '';
    this.#child.stdin.write(`${command}\n`);
    await this.#more((output) => shows.test(output));
  }

  /** Ctrl-C, for what stays; settles when the shell is back. */
  async interrupt(): Promise<void> {
    this.#child.stdin.write('\x03');
    await this.type('true', '');
  }

  /** The terminal goes away, whatever the shell thinks of it. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  async #more(isEnough: (output: string) => boolean): Promise<void> {
    const endsAt = Date.now() + LIMIT_MS;
    while (!isEnough(this.#output)) {
      const left = endsAt - Date.now();
      if (left <= 0 || this.#child.exitCode !== null) throw new Error(`no end of it:\n${this.#output}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#whenMore = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function quote(command: string): string {
  return `'${command.replaceAll("'", `'\\''`)}'`;
}
