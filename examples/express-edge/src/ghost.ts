// Sits where somebody was who is dead, and notes who still knocks. It hangs up on everybody.

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server } from 'node:net'

export class Ghost {
  private readonly server: Server
  private readonly times: number[] = []

  private constructor() {
    this.server = createServer((socket) => {
      this.times.push(Date.now())
      socket.on('error', () => undefined)
      socket.resetAndDestroy()
    })
  }

  /** Takes a port of the loopback interface. */
  static async sitAt(port: number): Promise<Ghost> {
    const ghost = new Ghost()
    ghost.server.listen(port, '127.0.0.1')
    await once(ghost.server, 'listening')
    return ghost
  }

  /** When somebody knocked; Unix times. */
  get knocks(): readonly number[] {
    return this.times
  }

  /** Gives the port back. */
  async leave(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve))
  }
}
