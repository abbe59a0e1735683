// Who a client is, once it has been let in.

export type Identity =
  /** `userId`: what a SOCKS4 client calls itself, which nobody has checked. */
  | { readonly kind: 'anonymous'; readonly userId: string | undefined }
  /** `name` as a person reads it; `group` selects the rule section. */
  | { readonly kind: 'user'; readonly name: string; readonly group: string | undefined };

export const ANONYMOUS: Identity = { kind: 'anonymous', userId: undefined };
