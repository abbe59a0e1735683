// All clients, in the order of docs/clients.md.
import type { Client } from './client.ts';
import { BROWSERS } from './rows/browsers.ts';
import { DIRECT } from './rows/direct.ts';
import { HTTP } from './rows/http.ts';
import { LANGUAGES } from './rows/languages.ts';
import { TUNNELS } from './rows/tunnels.ts';
import { WRAPPED } from './rows/wrapped.ts';

export const CLIENTS: readonly Client[] = [
  ...BROWSERS,
  ...DIRECT,
  ...WRAPPED,
  ...TUNNELS,
  ...LANGUAGES,
  ...HTTP,
];
