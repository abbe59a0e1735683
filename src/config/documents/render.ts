// What the daemon prints about its configuration.
export { renderHelp } from './help.ts';
export { renderConfig } from './print.ts';
