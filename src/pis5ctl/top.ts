// `pis5ctl top`: the sessions, again each second, on a screen of its own. Plain escape sequences that every terminal of
// today knows (ECMA-48, and those of xterm for the other screen); whatever happens, the terminal is left as it was.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../base/clock.ts';
import { print } from '../daemon/unix/output.ts';
import type { ListRequest } from './commandline.ts';
import type { Connection } from './connection.ts';
import { drawFrame, roomFor, SORT_OF_KEY, within, type Screen, type TopView } from './frame.ts';
import { keysOf, SCROLL_OF_KEY } from './keys.ts';
import type { RateLook } from './rates.ts';
import { barsFor, Recent } from './drawing/sparkline.ts';

const INTERVAL_MS = 1000;

/** The screen without a terminal: large enough for everything. */
const PAPER: Screen = { columns: 1000, rows: Infinity };

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const CTRL_C = '\x03';

/** Settles when the operator has had enough; where output is no terminal, after one picture. Rejects as ask() does. */
export async function watchSessions(connection: Connection, request: ListRequest): Promise<void> {
  if (process.stdout.isTTY && process.env['TERM'] !== 'dumb') return new Top(connection, request).run();
  const view = await look(connection, request, undefined);
  print('pis5ctl', `${drawFrame(view, PAPER).join('\n')}\n`);
}

async function look(
  connection: Connection,
  request: ListRequest,
  before: RateLook | undefined,
): Promise<TopView> {
  const { status } = (await connection.ask({ command: 'status' })).answer;
  const { matching, sessions } = (await connection.ask(request)).answer;
  const { bytesUp: up, bytesDown: down } = status.totals;
  return {
    status,
    matching,
    before,
    sort: request.sort,
    look: { atMs: monotonicMs(), up, down, sessions },
  };
}

class Top {
  readonly #connection: Connection;
  #request: ListRequest;
  #view: TopView | undefined;
  readonly #recent = { looks: new Recent(), bars: barsFor(process.env) };
  /** Sessions that are scrolled past. */
  #above = 0;
  /** Ends the wait for the next second. */
  #wake = new AbortController();
  #isOver = false;

  constructor(connection: Connection, request: ListRequest) {
    this.#connection = connection;
    this.#request = request;
  }

  async run(): Promise<void> {
    const { stdin, stdout } = process;
    const leave = (): void => this.#leave();
    const draw = (): void => this.#draw();
    stdout.on('resize', draw);
    process.on('SIGTERM', leave).on('SIGHUP', leave);
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on('data', (keys: Buffer) => this.#press(keys.toString('latin1')));
    // The terminal has gone, or there never was one to type at.
    stdin.on('error', leave);
    stdout.on('error', leave);
    stdout.write(ENTER);
    try {
      await this.#watch();
    } finally {
      stdout.write(LEAVE);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
    }
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const view = await look(this.#connection, this.#request, this.#view?.look);
      this.#recent.looks.look(view.look.atMs, view.status.totals);
      this.#view = { ...view, recent: this.#recent };
      this.#draw();
      await sleep(INTERVAL_MS, undefined, { signal: this.#wake.signal }).catch(() => undefined);
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  #press(keys: string): void {
    for (const key of keysOf(keys)) {
      const scroll = SCROLL_OF_KEY[key];
      if (scroll !== undefined) this.#scroll(scroll(this.#above, room()));
      const sort = SORT_OF_KEY[key];
      if (key === 'q' || key === CTRL_C) this.#leave();
      if (sort === undefined) continue;
      this.#request = { ...this.#request, sort };
      this.#wake.abort();
    }
  }

  #scroll(above: number): void {
    this.#above = within(above, this.#view?.look.sessions.length ?? 0, room());
    this.#draw();
  }

  #leave(): void {
    this.#isOver = true;
    this.#wake.abort();
  }

  /** Overwrites line by line: clearing first would flicker. */
  #draw(): void {
    if (this.#view === undefined) return;
    const lines = drawFrame({ ...this.#view, above: this.#above }, screen());
    process.stdout.write(`${HOME}${lines.map((line) => line + CLEAR_LINE).join('\r\n')}${CLEAR_BELOW}`);
  }
}

function room(): number {
  return roomFor(screen(), 'drawn');
}

/** Zero: a terminal that has never been told its size, as on a serial line. */
function screen(): Screen {
  const { columns, rows } = process.stdout;
  return { columns: columns || 80, rows: rows || 24 };
}
