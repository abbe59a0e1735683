// Where records of sessions for accounts go, and in which form.

/** `output`: standard output. */
export type AccountingTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'syslog' }
  | { readonly kind: 'output' };

export type AccountingFormat = 'json' | 'csv';
