// Where the small programs are that use the libraries of languages.
import { fileURLToPath } from 'node:url';

export const PROGRAMS = fileURLToPath(new URL('./programs/', import.meta.url));
