// UDP sockets of the engine. Datagrams pass through memory of their own, which is made with the first socket: a
// daemon that relays no UDP does not pay for it.
import { formatEndpoint, type Endpoint } from '../../base/ip.ts';
import type { NativeEngine } from '../native/addon.ts';
import { NATIVE_CLOSE, UDP } from '../native/enginelayout.ts';
import { systemError } from '../native/errno.ts';
import type { OnDatagram, OwnSockets, SocketMarks, UdpSide, UdpSocket } from '../transport.ts';
import type { EngineBatch } from './enginebatch.ts';
import { optionFault } from './engineoptions.ts';
import { Outbox } from './engineoutbox.ts';

interface UdpHome {
  readonly engine: NativeEngine;
  readonly batch: EngineBatch;
  readonly own: OwnSockets;
}

interface UdpMemory {
  readonly bytes: ArrayBuffer;
  readonly outbox: Outbox;
}

export class EngineUdp {
  readonly #home: UdpHome;
  readonly #sockets = new Map<number, EngineUdpSocket>();
  #memory: UdpMemory | undefined;

  constructor(home: UdpHome) {
    this.#home = home;
  }

  /** As Transport.openUdp(). */
  open(
    address: Endpoint,
    onDatagram: OnDatagram,
    side: UdpSide,
    { device, mark = 0 }: SocketMarks,
  ): Promise<UdpSocket> {
    const { engine, batch, own } = this.#home;
    this.#memory ??= shareMemory(engine, batch);
    const { outbox } = this.#memory;
    const handle = engine.openUdp(
      batch.zones.bytesOf(address.ip),
      address.port,
      side === 'client' ? 0 : 1,
      device,
      mark,
    );
    if (handle < 0) {
      return Promise.reject(optionFault(handle) ?? systemError('bind', -handle, formatEndpoint(address)));
    }
    const { port } = batch.scratchEndpoint(engine.local(handle));
    const local = { ip: address.ip, port };
    const end = { ...local, to: undefined };
    if (side === 'outside') own.udp.add(end);
    const close = (): void => {
      if (side === 'outside') own.udp.remove(end);
      this.#close(handle);
    };
    const socket = new EngineUdpSocket(local, { handle, outbox, onDatagram, close });
    this.#sockets.set(handle, socket);
    return Promise.resolve(socket);
  }

  /** Handles a DATAGRAM record; one for a socket closed in this batch is dropped. */
  arrive(at: number, handle: number): void {
    const socket = this.#sockets.get(handle);
    if (socket === undefined || this.#memory === undefined) return;
    const { batch } = this.#home;
    const bytes = new Uint8Array(this.#memory.bytes, UDP.incoming + batch.offset(at), batch.length(at));
    socket.onDatagram(bytes, batch.peer(at));
  }

  /** The engine is about to be closed. */
  abandon(): void {
    for (const socket of [...this.#sockets.values()]) socket.close();
  }

  #close(handle: number): void {
    this.#sockets.delete(handle);
    this.#memory?.outbox.flush();
    this.#home.engine.close(handle, NATIVE_CLOSE.fin);
  }
}

function shareMemory(engine: NativeEngine, { zones }: EngineBatch): UdpMemory {
  const bytes = engine.udpMemory();
  if (bytes.byteLength !== UDP.size) {
    throw new TypeError('native addon of another version');
  }
  return { bytes, outbox: new Outbox(engine, bytes, zones) };
}

interface OpenSocket {
  readonly handle: number;
  readonly outbox: Outbox;
  readonly onDatagram: OnDatagram;
  readonly close: () => void;
}

class EngineUdpSocket implements UdpSocket {
  readonly local: Endpoint;
  #open: OpenSocket | undefined;

  constructor(local: Endpoint, open: OpenSocket) {
    this.local = local;
    this.#open = open;
  }

  onDatagram(bytes: Uint8Array, from: Endpoint): void {
    this.#open?.onDatagram(bytes, from);
  }

  send(head: Uint8Array, payload: Uint8Array, to: Endpoint): void {
    const open = this.#open;
    open?.outbox.append(open.handle, head, payload, to);
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.close();
  }
}
