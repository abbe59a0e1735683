// The control socket of a daemon, from before the drop until its end, or nothing where none is configured.
import type { UnixAccount } from '../account/accounts.ts';
import type { Ask } from './controlconversation.ts';
import { adoptControlSocket, openControlSocket } from './controlsocket.ts';
import type { Handover } from './handover.ts';

export interface Control {
  /** Answers requests from now on. */
  serve(desk: Ask, handover: Handover): void;
  /** As ControlSocket. */
  readonly descriptor: number | undefined;
  leave(): void;
  /** Stops that and removes the socket, as any exit does by itself; a sentence where it has to stay. */
  release(): string | undefined;
}

const NONE: Control = {
  serve: () => undefined,
  descriptor: undefined,
  leave: () => undefined,
  release: () => undefined,
};

/**
 * To be called as root; the socket will be the property of `account`. `inherited` is that of the daemon before us, if there is one.
 * Rejects with StartFailure.
 */
export async function keepControl(
  path: string | undefined,
  account: UnixAccount | undefined,
  inherited: number | undefined,
): Promise<Control> {
  if (path === undefined) return NONE;
  const socket = await (inherited === undefined
    ? openControlSocket(path, account)
    : adoptControlSocket(path, inherited));
  const release = (): string | undefined => {
    process.off('exit', release);
    return socket.release();
  };
  process.once('exit', release);
  return {
    serve(desk, handover) {
      socket.serve((line, from) => handover.answer(line, from) ?? desk(line, from));
    },
    get descriptor() {
      return socket.descriptor;
    },
    leave: () => socket.leave(),
    release,
  };
}
