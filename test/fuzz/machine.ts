// When it is this machine that has no room for another client: with TIME_WAIT and other people's tests, ports run out.

const BREATHER_MS = 500;

export function isMachineFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS'].includes(code);
}

/** Does `work`, again after a while as long as the machine is full; rejects with its other errors. */
export async function onceThereIsRoom<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isMachineFull(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, BREATHER_MS));
  }
}
