/**
 * The real Eureka servers as containers, by testcontainers. No registry of images is needed: the image is made of the same files that
 * run as processes, and of a Java runtime cut out of the JDK of the machine.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers'
import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers'
import { notOnPath, runCommand } from '../prepared-program.ts'
import { freePort } from '../free-ports.ts'
import { launch } from './launch.ts'
import { missingTools, prepare } from './prepare.ts'
import { serverStart } from './settings.ts'
import type { RealEurekaOptions } from './settings.ts'

const IMAGE = 'breakwater/eureka-servers:test'
const BUILD_MS = 300_000
const SETTINGS = '/etc/eureka.properties'
/** There is no locale in the image, and with the ASCII of that case the servers write every other letter as a question mark. */
const JAVA = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8']
/** Of what a server said. */
const KEPT_LINES = 100
const DOCKERFILE = 'FROM scratch\nCOPY root/ /\n'

type ContainerClient = ContainerRuntimeClient['container']
type Container = ReturnType<ContainerClient['getById']>

/** What is missing on this machine to make the image; `undefined` when nothing is. */
export function missingForImage(): string | undefined {
  const missing = notOnPath('jlink', 'ldd')
  return missingTools() ?? (missing.length === 0 ? undefined : `no ${missing.join(', ')} on the path`)
}

/** Builds the image in the engine, once for a suite. */
export async function buildImage(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-image-'))
  try {
    await makeRoot(join(folder, 'root'))
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE)
    await GenericContainer.fromDockerfile(folder).build(IMAGE, { deleteOnExit: false })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A real server in a container on the network of the host, so that it listens on loopback alone. */
export class ContainerEureka {
  /** The base of all paths, with a slash at its end. */
  readonly url: string
  private readonly container: StartedTestContainer

  private constructor(url: string, container: StartedTestContainer) {
    this.url = url
    this.container = container
  }

  /** Resolves when it answers. The image has to be built before. */
  static async start(options: RealEurekaOptions): Promise<ContainerEureka> {
    const start = serverStart(options, options.port ?? (await freePort()))
    const places = { home: `/opt/${options.flavour}`, file: SETTINGS, log: '/opt/log4j.properties' }
    const made = new GenericContainer(IMAGE)
      .withNetworkMode('host')
      .withCopyContentToContainer([{ content: start.file, target: SETTINGS }])
      .withEntrypoint(['/opt/jre/bin/java'])
      .withCommand([...JAVA, ...start.args(places)])
      // Its ports are those of the host, of which testcontainers knows nothing to wait for.
      .withWaitStrategy(Wait.forAll([]))
    let server: ContainerEureka | undefined
    try {
      return await launch(start.url, async () => {
        if (server === undefined) server = new ContainerEureka(start.url, await made.start())
        else await server.begin()
        return server
      })
    } catch (error) {
      await server?.stop()
      throw error
    }
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (await this.hasEnded()) return
    const { running } = await this.handle()
    await running.kill()
    await running.wait()
  }

  /** Starts it after `kill`, empty and on the same port. */
  async startAgain(): Promise<void> {
    await launch(this.url, async () => {
      await this.begin()
      return this
    })
  }

  async stop(): Promise<void> {
    await this.container.stop({ remove: true, removeVolumes: true })
  }

  async hasEnded(): Promise<boolean> {
    const { client, running } = await this.handle()
    const { State } = await client.inspect(running)
    return !State.Running
  }

  async said(): Promise<string> {
    const { running } = await this.handle()
    const log = await running.logs({ stdout: true, stderr: true, tail: KEPT_LINES })
    return log.toString()
  }

  private async begin(): Promise<void> {
    const { client, running } = await this.handle()
    await client.start(running)
  }

  private async handle(): Promise<{ client: ContainerClient; running: Container }> {
    const { container: client } = await getContainerRuntimeClient()
    return { client, running: client.getById(this.container.getId()) }
  }
}

async function makeRoot(root: string): Promise<void> {
  const jre = join(root, 'opt', 'jre')
  mkdirSync(join(root, 'opt'), { recursive: true })
  for (const folder of ['tmp', 'etc']) mkdirSync(join(root, folder))
  await runCommand(
    'jlink',
    [
      ...['--no-header-files', '--no-man-pages', '--compress=2', '--strip-java-debug-attributes'],
      ...['--add-modules', 'java.se,jdk.unsupported,jdk.crypto.ec,jdk.management', '--output', jre],
    ],
    { cwd: root, timeoutMs: BUILD_MS },
  )
  for (const library of libraries(jre)) {
    mkdirSync(join(root, dirname(library)), { recursive: true })
    copyFileSync(library, join(root, library))
  }
  for (const flavour of ['netflix', 'spring'] as const)
    cpSync(await prepare(flavour), join(root, 'opt', flavour), { recursive: true })
  cpSync(
    fileURLToPath(new URL('./netflix/log4j.properties', import.meta.url)),
    join(root, 'opt', 'log4j.properties'),
  )
}

/** What the programs and libraries of a Java runtime are linked with, outside of it. */
function libraries(jre: string): readonly string[] {
  const lib = join(jre, 'lib')
  const objects = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.so'))
    .map((name) => join(lib, name))
  const linked = execFileSync('ldd', [join(jre, 'bin', 'java'), ...objects], { encoding: 'utf8' })
  const found = linked.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)
  return [...new Set(Array.from(found, ([, path = '']) => path))].filter((path) => !path.startsWith(jre))
}
