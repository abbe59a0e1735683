// The identity of a client after its admission.

export type Identity =
  /** `userId`: the name that a SOCKS4 client claims, unchecked. */
  | { readonly kind: 'anonymous'; readonly userId: string | undefined }
  /** `name` in readable form; `group` selects the rule section. */
  | {
      readonly kind: 'user';
      readonly name: string;
      readonly group: string | undefined;
      /** All of them, `group` included; absent: no other one. */
      readonly groups?: readonly string[];
      /** By what it was shown, where that was no entry of a file: such a user need be in none. */
      readonly by?: 'ticket';
    };

export const ANONYMOUS: Identity = { kind: 'anonymous', userId: undefined };
