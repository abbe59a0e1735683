// The end of a login as other processes hear of it.

/** The end of a login, told to members that count with us. */
export interface LoginNews {
  readonly kind: 'failed' | 'succeeded';
  /** As clientKeyOf() has it. */
  readonly client: string;
  /** undefined: the login had no name. */
  readonly user: string | undefined;
}
