// The processes of a run: who was started, who still runs, and how the others ended.

import { Child } from './child.ts'
import type { ChildListener } from './child.ts'
import type { Exit } from './evidence.ts'
import type { Place } from './services.ts'

export class Cast {
  readonly exits: Exit[] = []
  private readonly listener: ChildListener
  private readonly running = new Set<Child>()
  private readonly instances = new Map<string, Child>()

  constructor(listener: ChildListener) {
    this.listener = listener
  }

  /** The edge service, which finishes what it began when it is asked to end. */
  async startEdge(env: Readonly<Record<string, string>>): Promise<{ child: Child; port: number }> {
    return this.start({ name: 'edge', file: './edge.ts', env, endsWith: 'code 0' })
  }

  async startLoad(): Promise<Child> {
    const { child } = await this.start({ name: 'load', file: './load.ts', endsWith: 'SIGTERM' })
    return child
  }

  /** One instance of an upstream, at its place. */
  async startInstance({ service, id, port, zone }: Place, eurekaUrl: string): Promise<void> {
    const args = [service, id, String(port), zone]
    const env = { EUREKA_URL: eurekaUrl }
    const { child } = await this.start({ name: id, file: './upstream.ts', args, env, endsWith: 'code 0' })
    this.instances.set(id, child)
  }

  /** Whether it is there: not while it is dead, or being started again. */
  isRunning({ id }: Place): boolean {
    return this.instances.has(id)
  }

  instance({ id }: Place): Child {
    const child = this.instances.get(id)
    if (child === undefined) throw new Error(`${id} was not started`)
    return child
  }

  /** Ends an instance at once, without a word to the registry. */
  async kill(place: Place): Promise<void> {
    const child = this.instance(place)
    this.instances.delete(place.id)
    this.leave(child, await child.kill())
  }

  async end(child: Child): Promise<void> {
    this.leave(child, await child.end())
  }

  /** Ends everything that still runs. */
  async endAll(): Promise<void> {
    await Promise.all([...this.running].map((child) => this.end(child)))
  }

  /** For the case that this process must end at once itself. */
  killNow(): void {
    for (const child of this.running) child.killNow()
  }

  private async start(
    options: Omit<Parameters<typeof Child.start>[0], 'listener'>,
  ): Promise<{ child: Child; port: number }> {
    const started = await Child.start({ ...options, listener: this.listener })
    this.running.add(started.child)
    return started
  }

  private leave(child: Child, exit: Exit): void {
    this.running.delete(child)
    this.exits.push(exit)
  }
}
