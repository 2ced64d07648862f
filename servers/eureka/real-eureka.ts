/**
 * The real Eureka servers, each in a process of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Jvm } from './jvm.ts'
import { prepare } from './prepare.ts'
import { answers, serverStart, urlOf } from './settings.ts'
import type { Flavour, RealEurekaOptions } from './settings.ts'

export { urlOf } from './settings.ts'
export type { Flavour } from './settings.ts'

const LOG = fileURLToPath(new URL('./netflix/log4j.properties', import.meta.url))
/** A machine with much else to do starts a JVM slowly. */
const START_MS = 120_000

/** The start before. */
let lastStart: Promise<unknown> = Promise.resolve()

/** One JVM after the other: each needs a core of its own, and four that start at once are late all four. */
function inTurn<T>(start: () => Promise<T>): Promise<T> {
  const mine = lastStart.then(start)
  lastStart = mine.catch(() => undefined)
  return mine
}

/** A real server on 127.0.0.1. */
export class RealEureka {
  readonly flavour: Flavour
  readonly port: number
  /** The base of all paths, with a slash at its end. */
  readonly url: string
  private readonly args: readonly string[]
  private readonly folder: string
  private jvm: Jvm | undefined

  private constructor(flavour: Flavour, port: number, args: readonly string[], folder: string) {
    this.flavour = flavour
    this.port = port
    this.url = urlOf(flavour, port)
    this.args = args
    this.folder = folder
  }

  /** Resolves when it answers. */
  static async start(options: RealEurekaOptions): Promise<RealEureka> {
    const { flavour } = options
    const home = await prepare(flavour)
    const folder = mkdtempSync(join(tmpdir(), `breakwater-eureka-${flavour}-`))
    const port = options.port ?? (await freePort())
    const start = serverStart(options, port)
    const file = join(folder, 'eureka.properties')
    writeFileSync(file, start.file)
    const args = start.args({ home, file, log: LOG })
    const server = new RealEureka(flavour, port, args, folder)
    await server.startAgain()
    return server
  }

  /** Starts it again after `kill`, empty and on the same port. */
  startAgain(): Promise<void> {
    return inTurn(() => this.launch())
  }

  private async launch(): Promise<void> {
    if (await answers(this.url)) throw new Error(`a stranger answers at ${this.url}`)
    const jvm = new Jvm(this.args, this.folder)
    this.jvm = jvm
    const until = performance.now() + START_MS
    while (!(await answers(this.url))) {
      if (jvm.hasEnded || performance.now() > until) {
        await jvm.kill()
        throw new Error(`the ${this.flavour} server did not start:\n${jvm.said}`)
      }
      await wait(100)
    }
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.jvm?.kill()
  }

  async stop(): Promise<void> {
    await this.jvm?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
