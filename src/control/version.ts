// The version that package.json gives.
import { readFileSync } from 'node:fs';
import { packageRoot } from '../base/packageroot.ts';

const manifest = new URL('package.json', packageRoot());

export const VERSION = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
