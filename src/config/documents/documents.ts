// The documents of the source tree that hold text from the option table.
import { renderKeys, renderOptions, replaceRendered } from './manual.ts';
import { renderSample } from './sample.ts';

export interface Document {
  /** From the top of the source tree. */
  readonly path: string;
  /** The document as it has to be, from how it is. */
  readonly render: (current: string) => string;
}

export const DOCUMENTS: readonly Document[] = [
  { path: 'man/picosocks5.8', render: (page) => replaceRendered(page, renderOptions()) },
  { path: 'man/picosocks5.conf.5', render: (page) => replaceRendered(page, renderKeys()) },
  { path: 'etc/picosocks5.conf', render: renderSample },
];
