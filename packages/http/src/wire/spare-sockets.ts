/**
 * Connections opened ahead of their first request. They keep no process alive, are given up when the peer closes or says
 * something unasked, and are not kept for longer than an unused connection may stay open.
 */
import type { Socket } from 'node:net'
import type { Cancel, Clock } from '@breakwater/kernel'

interface SpareSetting {
  readonly clock: Clock
  readonly keepMs: number
}

class Spare {
  readonly socket: Socket
  private readonly giveUp: () => void
  private readonly cancel: Cancel

  constructor(socket: Socket, { clock, keepMs }: SpareSetting, onGone: (spare: Spare) => void) {
    this.socket = socket
    const giveUp = (): void => {
      this.cancel()
      onGone(this)
      socket.destroy()
    }
    this.giveUp = giveUp
    // Who waits in a deadline line keeps the process alive.
    this.cancel = clock.schedule(clock.now() + keepMs, giveUp, { background: true })
    // Only who reads sees the end of the stream; and whatever comes before a request is wrong.
    socket.on('readable', giveUp).on('error', giveUp).on('close', giveUp).unref()
  }

  /** The socket as it came, or undefined if it is of no use any more. */
  release(): Socket | undefined {
    const { socket, giveUp } = this
    this.cancel()
    if (socket.destroyed || !socket.readable || !socket.writable) return undefined
    socket.off('readable', giveUp).off('error', giveUp).off('close', giveUp).ref()
    return socket
  }
}

export class SpareSockets {
  private readonly waiting: Spare[] = []
  private readonly setting: SpareSetting

  constructor(clock: Clock, keepMs: number) {
    this.setting = { clock, keepMs }
  }

  add(socket: Socket): void {
    this.waiting.push(new Spare(socket, this.setting, (gone) => this.forget(gone)))
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
    const place = this.waiting.indexOf(spare)
    if (place !== -1) this.waiting.splice(place, 1)
  }
}
