/**
 * The real Eureka servers, each in a process of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free-ports.ts'
import { Jvm } from './jvm.ts'
import { launch } from './launch.ts'
import { prepare } from './prepare.ts'
import { serverStart, urlOf } from './settings.ts'
import type { Flavour, RealEurekaOptions } from './settings.ts'

export { urlOf } from './settings.ts'
export type { Flavour } from './settings.ts'

const LOG = fileURLToPath(new URL('./netflix/log4j.properties', import.meta.url))

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
  async startAgain(): Promise<void> {
    this.jvm = await launch(this.url, () => Promise.resolve(new Jvm(this.args, this.folder)))
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
