// Several hosts as one daemon: the store over which the members of a fleet tell each other what they count.

/** A server that speaks the protocol of Redis, such as Valkey. */
export interface FleetStore {
  readonly isSecure: boolean;
  /** A name or an address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
  /** The number of the database, 0 unless it was given. */
  readonly database: number;
}

/** What a member allows while it cannot reach the store: each limit as a whole, or its part. */
export type FleetAlone = 'full' | 'divided';

/** The fields of Config about it. */
export interface FleetFields {
  /** The fleet of which this daemon is a member. */
  readonly fleet: string | undefined;
  /** undefined: the name of the host. */
  readonly fleetName: string | undefined;
  readonly fleetStore: FleetStore | undefined;
  /** Its first line is the login at the store. */
  readonly fleetAuth: string | undefined;
  readonly fleetCa: string | undefined;
  readonly fleetAlone: FleetAlone;
  /** undefined: that of the host. */
  readonly fleetZone: string | undefined;
  readonly configVersion: string | undefined;
}
