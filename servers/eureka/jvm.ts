/**
 * One program on the JVM, from its start to its end.
 */
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'

/** What it says is kept up to so many characters. */
const KEPT = 20_000
const TERM_MS = 5_000

export class Jvm {
  private words = ''
  private readonly child: ChildProcessWithoutNullStreams

  constructor(args: readonly string[], cwd: string) {
    const lean = ['-Xmx256m', '-XX:TieredStopAtLevel=1', `-Djava.io.tmpdir=${cwd}`]
    // Where no locale is set, servers would lose every letter that is not ASCII.
    const encoding = '-Dfile.encoding=UTF-8'
    this.child = spawn('java', [...lean, encoding, ...args], { cwd })
    // Both are read always: a program whose pipe is full stands still.
    for (const stream of [this.child.stderr, this.child.stdout])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.words = (this.words + text).slice(-KEPT)
      })
    // Whoever ends it first closes its input; a write that comes later is no fault.
    this.child.stdin.on('error', () => {})
  }

  hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  said(): string {
    return this.words
  }

  get input(): NodeJS.WritableStream {
    return this.child.stdin
  }

  get output(): NodeJS.ReadableStream {
    return this.child.stdout
  }

  /** Asks it to end, and ends it by force when it does not. */
  async stop(): Promise<void> {
    if (this.hasEnded()) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    const force = setTimeout(() => this.child.kill('SIGKILL'), TERM_MS)
    await ended
    clearTimeout(force)
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.hasEnded()) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
  }
}
