// The owner of the listeners of a daemon: its server, or the parent of its workers.
import type { Server } from '../../session/server/server.ts';

export type Doorkeeper = Pick<
  Server,
  | 'listen'
  | 'listenOn'
  | 'listenOnUnix'
  | 'listening'
  | 'bound'
  | 'unlisten'
  | 'descriptors'
  | 'filesLeft'
  | 'changeRights'
  | 'leaveFiles'
>;
