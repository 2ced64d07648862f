// A process of the demo: started with the observer in it, heard, and ended for sure.

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, Message, UpstreamOrder } from './messages.ts'
import type { Exit } from './evidence.ts'

/** What is told about a process. */
export interface ChildListener {
  message(name: string, message: Message): void
  /** Something that must not happen. */
  incident(what: string): void
  /** It ended, and nobody had asked it to. */
  endedEarly(what: string): void
}

export interface ChildOptions {
  readonly name: string
  /** A file beside this one. */
  readonly file: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** How it ends when it is asked to. */
  readonly endsWith: 'code 0' | 'SIGTERM'
  readonly listener: ChildListener
}

const OBSERVER = new URL('./observer.ts', import.meta.url).href
const START_LIMIT_MS = 30_000
const REPLY_LIMIT_MS = 15_000
/** A service has so long to finish what it began. */
const END_LIMIT_MS = 8_000

export class Child {
  readonly name: string
  private readonly process: ChildProcess
  private readonly ended: Promise<unknown>
  private readonly endsWith: string
  private endAsked = false

  private constructor({ name, file, args = [], env = {}, endsWith, listener }: ChildOptions) {
    this.name = name
    this.endsWith = endsWith
    this.process = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
      env: { ...process.env, ...env },
      execArgv: ['--import', OBSERVER],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.ended = new Promise((resolve) => this.process.once('exit', resolve))
    this.process.on('error', (error) => {
      listener.incident(`${name}: ${error.message}`)
    })
    this.process.on('message', (message: Message) => {
      listener.message(name, message)
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      listener.incident(`${name} wrote: ${text.trim()}`)
    })
    this.process.once('exit', () => {
      if (!this.endAsked) listener.endedEarly(`${name} ended early (${this.howEnded()})`)
    })
  }

  /** Starts a process and waits until it is ready. Rejects, and leaves nothing, when it does not get ready in time. */
  static async start(options: ChildOptions): Promise<{ child: Child; port: number }> {
    const child = new Child(options)
    try {
      const { port } = await child.hear('listening', START_LIMIT_MS)
      return { child, port }
    } catch (error) {
      await child.kill()
      throw error
    }
  }

  /** Sends an order and waits for the reply of this kind. */
  async ask<K extends Message['kind']>(
    order: UpstreamOrder | LoadOrder,
    reply: K,
  ): Promise<Extract<Message, { kind: K }>> {
    const heard = this.hear(reply, REPLY_LIMIT_MS)
    this.tell(order)
    return heard
  }

  tell(order: UpstreamOrder | LoadOrder): void {
    this.process.send(order)
  }

  /** Ends it at once. */
  async kill(): Promise<Exit> {
    return this.endBy('SIGKILL', 'SIGKILL')
  }

  /** Asks it to end. A process that does not listen is killed. */
  async end(): Promise<Exit> {
    return this.endBy('SIGTERM', this.endsWith)
  }

  /** For the case that this process must end at once itself. */
  killNow(): void {
    this.endAsked = true
    this.process.kill('SIGKILL')
  }

  private async endBy(signal: NodeJS.Signals, expected: string): Promise<Exit> {
    const endedBefore = !this.isRunning && !this.endAsked
    this.endAsked = true
    if (this.isRunning) this.process.kill(signal)
    const force = setTimeout(() => this.process.kill('SIGKILL'), END_LIMIT_MS)
    if (this.isRunning) await this.ended
    clearTimeout(force)
    const how = this.howEnded()
    return { name: this.name, how, inOrder: !endedBefore && how === expected }
  }

  private hear<K extends Message['kind']>(kind: K, limitMs: number): Promise<Extract<Message, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer)
        this.process.off('message', onMessage)
        this.process.off('exit', onExit)
        end()
      }
      const fail = (problem: string): void => {
        settle(() => {
          reject(new Error(`${this.name} did not say "${kind}": ${problem}`))
        })
      }
      const onMessage = (message: Message): void => {
        if (message.kind !== kind) return
        settle(() => {
          // What has this kind is this member of the union.
          resolve(message as Extract<Message, { kind: K }>)
        })
      }
      const onExit = (): void => {
        fail(`it ended (${this.howEnded()})`)
      }
      const timer = setTimeout(() => {
        fail(`not within ${String(limitMs)} ms`)
      }, limitMs)
      this.process.on('message', onMessage)
      this.process.once('exit', onExit)
    })
  }

  private get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  private howEnded(): string {
    return this.process.signalCode ?? `code ${String(this.process.exitCode)}`
  }
}
