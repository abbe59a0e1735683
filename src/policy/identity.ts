// Who a client is, once it has been let in.

export type Identity =
  | { readonly kind: 'anonymous' }
  /** `name` as a person reads it; `group` selects the rule section. */
  | { readonly kind: 'user'; readonly name: string; readonly group: string | undefined };

export const ANONYMOUS: Identity = { kind: 'anonymous' };
