// The lanes of one association: straight there in either family, or through the proxies of a route; each is made when the first
// target is reached by it.
import type { Deadline } from '../../base/deadline.ts';
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Destination } from '../../protocol/address.ts';
import type { RoomShare } from '../datagrams/datagramqueue.ts';
import type { DropReason } from '../datagrams/drops.ts';
import { Lane, type Outlet } from '../datagrams/lane.ts';
import type { Course } from './courses.ts';

/** How datagrams can go. */
export type OpenCourse = Exclude<Course, { readonly kind: 'nowhere' }>;
export type StraightCourse = Extract<Course, { readonly kind: 'straight' }>;

/** Ears for an outlet. */
export interface OutletEars {
  /** `source` is where it comes from, by the word of a proxy where there is one; `payload` is the callee's until it returns. */
  readonly onAnswer: (payload: Uint8Array, source: Endpoint | Destination) => void;
  readonly onDrop: (reason: DropReason | undefined, datagrams?: number) => void;
}

export interface LanesPlan {
  /** Rejects with a Fault where there is no socket or no proxy that takes datagrams, or with why `deadline` ended. */
  readonly openOutlet: (course: OpenCourse, ears: OutletEars, deadline: Deadline) => Promise<Outlet>;
  readonly openTimeoutMs: number;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** Callbacks from the lanes to the association. */
interface LanesEars extends Pick<OutletEars, 'onDrop'> {
  readonly onAnswer: (lane: Lane, payload: Uint8Array, source: Endpoint | Destination) => void;
}

export class Lanes {
  readonly #plan: LanesPlan;
  readonly #share: RoomShare;
  readonly #ears: LanesEars;
  /** Direct lanes by family, then by route; undefined: without a route. */
  readonly #lanes = {
    4: new Map<unknown, Lane>(),
    6: new Map<unknown, Lane>(),
    proxies: new Map<unknown, Lane>(),
  };
  #count = 0;
  #fault: Fault | undefined;

  constructor(plan: LanesPlan, share: RoomShare, ears: LanesEars) {
    this.#plan = plan;
    this.#share = share;
    this.#ears = ears;
  }

  /** The last fault of opening a lane; undefined when none failed. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** The lane of a course. */
  laneOf(course: OpenCourse): Lane {
    const lanes = this.#lanes[course.kind === 'straight' ? course.family : 'proxies'];
    const lane = lanes.get(course.route) ?? this.#newLane(course);
    lanes.set(course.route, lane);
    return lane;
  }

  close(): void {
    for (const lanes of Object.values(this.#lanes)) {
      for (const lane of lanes.values()) lane.close();
    }
  }

  #newLane(course: OpenCourse): Lane {
    const { openOutlet, openTimeoutMs, now } = this.#plan;
    const { onDrop } = this.#ears;
    const ears: OutletEars = {
      onAnswer: (payload, source) => this.#ears.onAnswer(lane, payload, source),
      onDrop,
    };
    const lane = new Lane({
      number: this.#count++,
      route: course.kind === 'straight' ? '' : course.route.text,
      open: (deadline) => openOutlet(course, ears, deadline),
      openTimeoutMs,
      share: this.#share,
      closedReason: course.kind === 'straight' ? 'no-socket' : 'no-proxy',
      onDrop,
      onFault: (fault) => (this.#fault = fault),
      now,
    });
    return lane;
  }
}
