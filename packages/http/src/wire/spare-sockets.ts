/**
 * Connections opened ahead of their first request. They keep no process alive, are given up when the peer closes or says
 * something unasked, and are not kept for longer than an unused connection may stay open.
 */
import type { Socket } from 'node:net'
import { leave, timelineOf } from '@breakwater/kernel'
import type { Clock, DeadlineLine, Waiting } from '@breakwater/kernel'

class Spare implements Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  readonly socket: Socket
  private readonly giveUp: () => void

  constructor(socket: Socket, onGone: (spare: Spare) => void) {
    this.socket = socket
    const giveUp = (): void => {
      onGone(this)
      socket.destroy()
    }
    this.giveUp = giveUp
    // Only who reads sees the end of the stream; and whatever comes before a request is wrong.
    socket.on('readable', giveUp).on('error', giveUp).on('close', giveUp).unref()
  }

  expire(): void {
    this.giveUp()
  }

  /** The socket as it came, or undefined if it is of no use any more. */
  release(): Socket | undefined {
    const { socket, giveUp } = this
    leave(this)
    if (socket.destroyed || !socket.readable || !socket.writable) return undefined
    socket.off('readable', giveUp).off('error', giveUp).off('close', giveUp).ref()
    return socket
  }
}

export class SpareSockets {
  private readonly waiting: Spare[] = []
  private readonly clock: Clock
  private readonly line: DeadlineLine

  constructor(clock: Clock, keepMs: number) {
    this.clock = clock
    this.line = timelineOf(clock).line(keepMs)
  }

  add(socket: Socket): void {
    const spare = new Spare(socket, (gone) => this.forget(gone))
    this.waiting.push(spare)
    this.line.join(spare, this.clock.now())
  }

  /** One that can be used now. */
  take(): Socket | undefined {
    for (;;) {
      const spare = this.waiting.shift()
      if (spare === undefined) return undefined
      const socket = spare.release()
      if (socket !== undefined) return socket
    }
  }

  private forget(spare: Spare): void {
    leave(spare)
    const place = this.waiting.indexOf(spare)
    if (place !== -1) this.waiting.splice(place, 1)
  }
}
