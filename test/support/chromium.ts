// A headless Chromium that is driven over its pipe (Chrome DevTools Protocol): pages are looked at, typed into and clicked on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from './daemon.ts';

const ARGUMENTS = [
  ...['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-extensions'],
  ...['--remote-debugging-pipe', '--hide-scrollbars', '--force-device-scale-factor=1'],
];

/** Much longer than anything takes. */
const PATIENCE_MS = 60_000;

export interface BrowserPage {
  /** The value of an expression in the page. */
  readonly value: <Value>(expression: string) => Promise<Value>;
  /** Settles when the expression is true. */
  readonly until: (expression: string) => Promise<void>;
  /** With the mouse, in the middle of the first element that fits. */
  readonly click: (selector: string) => Promise<void>;
  readonly type: (text: string) => Promise<void>;
  readonly prefer: (scheme: 'light' | 'dark') => Promise<void>;
  /** PNG of what is seen. */
  readonly picture: () => Promise<Buffer>;
}

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Opens `url` in a window of that size. */
export async function openPage(
  t: ExecutionContext,
  url: string,
  { width, height } = { width: 1200, height: 1000 },
): Promise<BrowserPage> {
  const send = startChromium(t);
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const ask = (method: string, params = {}): Promise<Record<string, unknown>> =>
    send(method, params, sessionId);
  await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  await ask('Page.navigate', { url });
  const value: BrowserPage['value'] = async (expression) => {
    const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true });
    return (result as { value: never }).value;
  };
  const until: BrowserPage['until'] = async (expression) => {
    const endMs = Date.now() + PATIENCE_MS;
    while (!(await value<boolean>(expression))) {
      if (Date.now() > endMs) throw new Error(`it does not come to ${expression}`);
      await new Promise((settle) => setTimeout(settle, 50));
    }
  };
  return {
    value,
    until,
    async click(selector) {
      const at = await value<{ x: number; y: number }>(
        `(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView(); ` +
          'const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2 }; })()',
      );
      for (const type of ['mousePressed', 'mouseReleased'])
        await ask('Input.dispatchMouseEvent', { type, ...at, button: 'left', clickCount: 1 });
    },
    async type(text) {
      await ask('Input.insertText', { text });
    },
    async prefer(scheme) {
      const features = [{ name: 'prefers-color-scheme', value: scheme }];
      await ask('Emulation.setEmulatedMedia', { features });
    },
    async picture() {
      const { data } = await ask('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data as string, 'base64');
    },
  };
}

type Send = (
  method: string,
  params?: Record<string, unknown>,
  sessionId?: unknown,
) => Promise<Record<string, unknown>>;

function startChromium(t: ExecutionContext): Send {
  const child = spawn('chromium', [...ARGUMENTS, `--user-data-dir=${temporaryFolder(t)}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  t.teardown(async () => {
    // Its children write to the folder as well: all of its group end.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await once(child, 'close');
  });
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  input.on('error', () => undefined);
  const waiting = new Map<number, (answer: Answer) => void>();
  let rest = '';
  output.setEncoding('utf8');
  output.on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer;
      if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    }
  });
  let last = 0;
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result = {}, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}
