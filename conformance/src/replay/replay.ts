// Plays a scenario on simulated time and tells what came of it, in the recorded format.

import { currentRequest } from '@breakwater/command'
import { InvalidOptionsError } from '@breakwater/kernel'
import type { CommandDefinition, Definition, ExecStep, Line, Scenario, Step } from '../scenario/scenario.ts'
import type { ExecTrace, NumbersTrace, ProbeTrace, TimedTrace } from '../trace/trace.ts'
import { CollapsedCall, Collapsers } from './collapsed-calls.ts'
import { CommandCall } from './executions.ts'
import { NOTHING, probe } from './probe.ts'
import { World } from './world.ts'

/**
 * When the first steps are played. The recordings show that a JVM took about 5 ms to make the first command of a key, from which on its buckets
 * are counted, and that later steps came on time: so what begins at 400 is clearly before the edge at 405, as in S24.
 */
const FIRST_MS = 5

/** No script waits longer than this for its last answer. */
const MAX_WAIT_MS = 3_600_000
const LOOK_EVERY_MS = 1_000

/** Rejects when the scenario cannot be played, with the step that could not. */
export async function replay(scenario: Scenario, line: Line): Promise<TimedTrace> {
  const world = new World(line)
  const stage = new Stage(world, scenario)
  try {
    await stage.play()
    return stage.trace()
  } finally {
    stage.dispose()
  }
}

class Stage {
  private readonly world: World
  private readonly scenario: Scenario
  private readonly collapsers: Collapsers
  private readonly calls = new Map<string, CommandCall | CollapsedCall>()
  private readonly probes: ProbeTrace[] = []

  constructor(world: World, scenario: Scenario) {
    this.world = world
    this.scenario = scenario
    this.collapsers = new Collapsers(world)
  }

  /** Steps are on the clock before anything else, so at one instant they come before what ends there: on a JVM every start takes a moment. */
  async play(): Promise<void> {
    const { steps, tailMs } = this.scenario
    const { clock } = this.world
    for (const step of steps) clock.schedule(Math.max(step.at, FIRST_MS), () => this.take(step))
    await clock.advance(Math.max(steps.at(-1)?.at ?? 0, FIRST_MS) + tailMs)
    for (let waited = 0; !this.isDone() && waited < MAX_WAIT_MS; waited += LOOK_EVERY_MS)
      await clock.advance(LOOK_EVERY_MS)
    if (!this.isDone()) throw new Error(`${this.scenario.id}: a call has no answer after ${MAX_WAIT_MS} ms`)
  }

  trace(): TimedTrace {
    const { notifier, batches } = this.world.recorder
    const execs = [...this.calls].map(([id, call]): [string, ExecTrace] => [id, call.trace()])
    const trace = {
      scenario: this.scenario.id,
      execs: Object.fromEntries(execs),
      probes: this.probes,
      notifier: notifier.map(({ text }) => text),
      ...(batches.length === 0 ? {} : { batches: batches.map(({ requests }) => requests) }),
      line: this.world.line,
      version: 'breakwater',
    }
    return { trace, notifierAt: notifier.map(({ at }) => at), batchesAt: batches.map(({ at }) => at) }
  }

  dispose(): void {
    this.world.dispose()
  }

  private isDone(): boolean {
    return [...this.calls.values()].every(({ isDone }) => isDone)
  }

  private take(step: Step): void {
    switch (step.do) {
      case 'exec':
        this.calls.set(step.id, this.exec(step))
        break
      case 'cancel':
        this.calls.get(step.id)?.cancel()
        break
      case 'probe':
        this.probes.push(this.probe(commandOf(this.definition(step.def)), step.at))
        break
      case 'ctxOpen':
        this.world.openContext(step.ctx)
        break
      case 'ctxClose':
        this.world.closeContext(step.ctx)
        break
      case 'requestLog':
        this.world.inContext(step.ctx, () => this.probes.push({ log: logText() }))
        break
      case 'clearCache': {
        const { key } = this.definition(step.def)
        this.world.inContext(step.ctx, () => currentRequest()?.clear(key, step.cacheKey))
        break
      }
      case 'set':
        this.world.set(step.key, step.value)
    }
  }

  /** In our own line a definition that contradicts an earlier one makes no command, so there is nothing to see. */
  private probe(definition: CommandDefinition, at: number): NumbersTrace {
    try {
      return probe(this.world.commandOf(definition), at)
    } catch (error) {
      if (error instanceof InvalidOptionsError) return { ...NOTHING, at }
      throw error
    }
  }

  private exec(step: ExecStep): CommandCall | CollapsedCall {
    const definition = this.definition(step.def)
    return definition.kind === 'command'
      ? new CommandCall(this.world, definition, step)
      : new CollapsedCall(this.world, this.collapsers.of(definition), step)
  }

  private definition(name: string): Definition {
    const definition = this.scenario.defs.get(name)
    if (definition === undefined) throw new Error(`${this.scenario.id}: no definition ${name}`)
    return definition
  }
}

/** A collapser's numbers are those of its batch command. */
function commandOf(definition: Definition): CommandDefinition {
  return definition.kind === 'command' ? definition : definition.batch
}

/** The request log as it was recorded: with its times made the same. */
function logText(): string {
  const log = currentRequest()?.log
  return log === undefined ? '' : String(log).replaceAll(/\[\d+ms\]/g, '[Nms]')
}
