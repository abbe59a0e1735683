// The package prom-client, loaded when metrics are asked for: it costs 11 MB.
import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';

export type Prom = typeof PromClient;

/** Part of a registry of prom-client, whichever copy of the package it comes from. */
export interface MetricsRegistry {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** Throws where the package is not installed. */
export function loadProm(): Prom {
  return createRequire(import.meta.url)('prom-client') as Prom;
}
