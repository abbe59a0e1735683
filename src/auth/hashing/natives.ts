// The native parts of password checks: bcrypt, and crypt(3) of the system through our addon, which is the one way to yescrypt.
// Threads get them as files, because they look nothing up by themselves (threadsource.ts).

/** Absolute paths. */
export interface NativeFiles {
  readonly bcrypt: string;
  /** undefined when our addon is not built. */
  readonly addon: string | undefined;
}

export interface Natives {
  readonly compareBcrypt: (password: Uint8Array, hash: string) => boolean;
  /** undefined where our addon is not built. */
  readonly crypt: Crypt | undefined;
}

/** null where the password holds NUL, or libcrypt does not know the setting. */
export type Crypt = (password: Uint8Array, setting: string) => string | null;

/** Loads both into this thread. Throws where one that is named cannot be loaded. */
export function openNatives({ bcrypt, addon }: NativeFiles): Natives {
  const { compare_sync } = openAddon(bcrypt) as {
    readonly compare_sync: (data: Buffer, hash: string) => boolean;
  };
  const ours = addon === undefined ? undefined : (openAddon(addon) as { readonly crypt: Crypt });
  return { compareBcrypt: (password, hash) => compare_sync(Buffer.from(password), hash), crypt: ours?.crypt };
}

function openAddon(file: string): unknown {
  const loaded = { exports: {} as unknown };
  process.dlopen(loaded, file);
  return loaded.exports;
}
