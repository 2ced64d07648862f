/** What a scenario is, and what several of them share. */
import { vi } from 'vitest'
import type { BreakerParts, Library, Parts, Stack, Work } from './subject.js'

/** What was seen of one library; `saw` is told where it is not right. */
export interface Finding {
  readonly right: boolean
  readonly saw: string
}

export interface Scenario {
  /** The number of the defect in our notes on the peers, or the issue of whoever had it first. */
  readonly id: string
  /** The right behaviour, in a sentence. */
  readonly says: string
  /** Real time only where the event loop itself, or memory, is what is asked about. */
  readonly time: 'simulated' | 'real'
  run(library: Library): Promise<Finding>
  /** What a reader must know to judge a failure fairly. */
  readonly notes?: Partial<Record<Library['name'], string>>
}

export interface Theme {
  readonly title: string
  readonly scenarios: readonly Scenario[]
}

/** A call under way. */
export interface Started {
  /** Whether its work was begun. */
  ran: boolean
  end: 'none' | 'answer' | 'error'
  /** What it answered or rejected with. */
  result: unknown
  readonly ended: Promise<unknown>
}

const DOWN = new Error('down')
export const failing: Work = () => Promise.reject(DOWN)
export const answering: Work = () => Promise.resolve('up')
export const hanging: Work = () => new Promise(() => undefined)

/** Work that ends after so much time, and takes no notice of its signal. */
export function slow(ms: number, end: Work): Work {
  return (call) => new Promise((resolve) => setTimeout(resolve, ms)).then(() => end(call))
}

/** Lets simulated time go by, and everything happen that is due. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

/** Begins a call. */
export function start(stack: Stack, work: Work, signal?: AbortSignal): Started {
  const end = (kind: 'answer' | 'error') => (result: unknown) => Object.assign(started, { end: kind, result })
  const counted: Work = (call) => {
    started.ran = true
    return work(call)
  }
  const started: Omit<Started, 'ended'> = { ran: false, end: 'none', result: undefined }
  const ended = stack.call(counted, signal).then(end('answer'), end('error'))
  return Object.assign(started, { ended })
}

/** Makes so many calls one after the other, each to its end. */
export async function callTimes(count: number, stack: Stack, work: Work): Promise<void> {
  for (let call = 0; call < count; call++) await start(stack, work).ended
}

export const OPENS_AT_ONCE: BreakerParts = { opens: { afterFailures: 1 }, openMs: 1_000 }

/** A stack whose next call is a trial. */
export async function beforeTrial(library: Library, parts: Parts = {}): Promise<Stack> {
  const stack = library.build({ breaker: OPENS_AT_ONCE, ...parts })
  await openThenWait(stack, 1_000)
  return stack
}

/** Whether a call made now reaches a dependency that is well. */
export async function reaches(stack: Stack): Promise<boolean> {
  const started = start(stack, answering)
  await pass(0)
  return started.ran
}

/** Blocks the event loop. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Fails until it opens, then waits: the next call is a trial. */
export async function openThenWait(stack: Stack, openMs: number): Promise<void> {
  for (let call = 0; call < 20 && stack.state() === 'closed'; call++) await start(stack, failing).ended
  await pass(openMs)
}

/** The message of an error, or whatever else was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
