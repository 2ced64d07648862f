/** One program that serves, from its start to its end. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'

export interface ServerProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** What it takes for the beginning of a graceful end. */
  readonly endSignal: 'SIGTERM' | 'SIGINT'
}

/** A machine with much else to do starts a server slowly. */
const START_MS = 120_000
const END_MS = 5_000
/** What it says is kept up to so many characters. */
const KEPT = 20_000

export class ServerProcess {
  private said = ''
  private readonly name: string
  private readonly child: ChildProcess
  private readonly endSignal: 'SIGTERM' | 'SIGINT'
  private failure: Error | undefined

  constructor({ command, args, cwd, endSignal }: ServerProcessOptions) {
    this.name = command
    this.endSignal = endSignal
    this.child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.on('error', (error) => {
      this.failure = error
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said = (this.said + text).slice(-KEPT)
      })
  }

  /** Resolves when it serves; ends it and rejects when it never does. */
  async until(serves: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + START_MS
    while (!(await serves())) {
      if (this.hasEnded || performance.now() > end) {
        await this.kill()
        throw new Error(`${this.name} did not start:\n${this.said}`, { cause: this.failure })
      }
      await wait(50)
    }
  }

  /** Asks it to end, and ends it by force when it does not. */
  async stop(): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.child, 'exit')
    this.child.kill(this.endSignal)
    const force = setTimeout(() => this.child.kill('SIGKILL'), END_MS)
    await ended
    clearTimeout(force)
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
  }

  /** Makes it stand still, or go on. */
  freeze(isFrozen: boolean): void {
    this.child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT')
  }

  private get hasEnded(): boolean {
    return this.failure !== undefined || this.child.exitCode !== null || this.child.signalCode !== null
  }
}
