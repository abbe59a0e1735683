// The page at the address of `metrics`: what it shows, and the files that it is made of. It changes nothing.
import { readFileSync } from 'node:fs';
import { packageRoot } from '../../base/packageroot.ts';
import type { ReadyRequest } from '../../protocol/doors/readyrequest.ts';
import type { Field } from '../../protocol/http/httphead.ts';
import type { AnswerTo, BanReport, DaemonStatus } from '../../control/controlanswer.ts';
import type { RequestFor } from '../../control/controlmessage.ts';
import { Past } from './past.ts';
import { pageHtml, type Picture } from './pagehtml.ts';
import type { WebAnswer } from './webanswer.ts';

/** Sessions in one picture. */
const MAX_SESSIONS = 5000;
/** Whoever asks sooner again gets the same picture. */
const SAME_PICTURE_MS = 1000;
/** Bans in one picture. */
const MAX_BANS = 200;

/** What a page shows: one process, or a parent with all its workers. */
export interface Scene {
  readonly status: () => Promise<DaemonStatus>;
  readonly sessions: (request: RequestFor<'sessions'>) => Promise<Listed>;
  readonly bans: () => readonly BanReport[];
  /** When the configuration in force was read. */
  readonly configuredAtMs: () => number;
  /** Refused and turned away clients by fault. */
  readonly causes: () => Promise<Picture['counts']['refused']>;
}

type Listed = Pick<AnswerTo<'sessions'>, 'matching' | 'sessions'>;

/** Nothing is loaded from elsewhere, nothing runs that is not ours, no other page shows this one in a frame. */
const FIELDS: readonly Field[] = [
  {
    name: 'Content-Security-Policy',
    value:
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; " +
      "form-action 'none'; frame-ancestors 'none'",
  },
  { name: 'X-Content-Type-Options', value: 'nosniff' },
  { name: 'X-Frame-Options', value: 'DENY' },
  { name: 'Referrer-Policy', value: 'no-referrer' },
  { name: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
];

const TYPES: Readonly<Record<string, string>> = {
  '/page.js': 'text/javascript; charset=utf-8',
  '/uplot.js': 'text/javascript; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
  '/uplot.css': 'text/css; charset=utf-8',
};

export class Page {
  readonly #files: ReadonlyMap<string, WebAnswer>;
  #scene: Scene | undefined;
  #past: Past | undefined;
  #picture: Promise<Picture> | undefined;

  /** Reads its files, while everything can be read. Throws what the system says. */
  constructor() {
    const folder = new URL('dist/program/page/', packageRoot());
    this.#files = new Map(
      Object.entries(TYPES).map(([path, type]) => {
        const body = readFileSync(new URL(path.slice(1), folder));
        return [path, { status: '200 OK', type, body, fields: FIELDS }];
      }),
    );
  }

  /** Shows a daemon that serves, and begins to remember its last hour. */
  follow(scene: Scene): void {
    this.#scene = scene;
    this.#past = new Past(scene.status);
  }

  /** undefined: the page has no such file. */
  async answer({ path }: ReadyRequest): Promise<WebAnswer | undefined> {
    if (path !== '/' && path !== '/page.json') return this.#files.get(path);
    const picture = await this.#look();
    if (picture === undefined)
      return { status: '503 Service Unavailable', type: 'text/plain', body: 'starting\n' };
    return path === '/'
      ? { status: '200 OK', type: 'text/html; charset=utf-8', body: pageHtml(picture), fields: FIELDS }
      : { status: '200 OK', type: 'application/json', body: JSON.stringify(picture), fields: FIELDS };
  }

  #look(): Promise<Picture | undefined> {
    if (this.#scene === undefined || this.#past === undefined) return Promise.resolve(undefined);
    if (this.#picture === undefined) {
      this.#picture = takePicture(this.#scene, this.#past);
      setTimeout(() => (this.#picture = undefined), SAME_PICTURE_MS).unref();
    }
    return this.#picture;
  }
}

async function takePicture(scene: Scene, past: Past): Promise<Picture> {
  const of = { id: undefined, user: undefined, client: undefined };
  const [refused, status, { matching, sessions }] = await Promise.all([
    scene.causes(),
    scene.status(),
    scene.sessions({ command: 'sessions', of, sort: 'down', limit: MAX_SESSIONS }),
  ]);
  return {
    status,
    rates: past.rates,
    counts: {
      configuredAt: new Date(scene.configuredAtMs()).toISOString(),
      refused,
      bans: scene.bans().slice(0, MAX_BANS),
    },
    history: past.history,
    matching,
    sessions,
  };
}
