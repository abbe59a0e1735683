// A configuration and its users as what sessions run on.
import type { Ip } from '../base/ip.ts';
import type { LoginChecker } from '../auth/login.ts';
import type { Users } from '../auth/users.ts';
import type { Config } from '../config/config.ts';
import type { Snapshot } from '../session/session.ts';

/** What outlives a reload. */
export interface Lasting {
  readonly checker: LoginChecker;
  readonly hostAddresses: () => ReadonlySet<Ip>;
}

export function buildSnapshot(config: Config, users: Users, { checker, hostAddresses }: Lasting): Snapshot {
  const hasUsers = config.auth.length > 0;
  return {
    policy: {
      rules: config.rules,
      sections: config.sections,
      hasUsers,
      anonymous: config.anonymous,
      hostAddresses,
    },
    checkLogin: hasUsers
      ? (user, password, client) => checker.check(users, user, password, client)
      : undefined,
    source: config.source,
    maxSessions: config.maxSessions,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    connectTimeoutMs: config.connectTimeoutMs,
    relayLimits: {
      idleTimeoutMs: config.idleTimeoutMs,
      halfClosedTimeoutMs: config.halfClosedTimeoutMs,
    },
    outside: {
      bindAddresses: [],
      bindPorts: config.bindPorts,
      bindTimeoutMs: config.bindTimeoutMs,
      publicAddresses: config.publicAddress,
    },
    udp: {
      ports: config.udpPorts,
      idleTimeoutMs: config.udpIdleTimeoutMs,
      maxPeers: config.udpMaxPeers,
      packetsPerSecond: config.udpPacketsPerSecond,
      unansweredBytes: config.udpUnansweredBytes,
      replyRatio: config.udpReplyRatio,
    },
    resolveCommands: config.resolveCommands,
  };
}
