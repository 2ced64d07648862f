/**
 * What the contract of a timeout allows to come out of a few steps of the work, the caller and the event loop. It knows
 * nothing of the code. For tests only.
 */
import type { OutcomeKind } from '@breakwater/kernel'
import { gapLists } from '../interleavings.model.js'

export const TIMEOUT_MS = 50
/** Microtasks between two steps; 0: in the same breath. */
const GAPS = [0, 1, 2, 3, 4]

/**
 * The work answers or fails at hand, where only microtasks lie between, or into a socket, which the loop has to poll.
 * Time passes turn by turn (`pass`), or in a stall after which the loop may `turn`.
 */
export type Step =
  | 'answers'
  | 'fails'
  | 'answers into the socket'
  | 'fails into the socket'
  | 'aborts'
  | 'turn'
  | `pass ${number}`
  | `stall ${number}`

export const msOf = (step: Step): number => Number(step.split(' ')[1])
export const isTurn = (step: Step): boolean => step === 'turn' || step.startsWith('pass')

interface Result {
  readonly kind: OutcomeKind
  readonly at: number
  readonly inSocket: boolean
}

interface Scene {
  readonly now: number
  readonly deadline: number
  /** For how long the loop has been blocked. */
  readonly stalledMs: number
  /** The result of the work that nobody has heard of so far. */
  readonly result: Result | undefined
  readonly end: string | undefined
}

/** Everything that may come out of a call that begins at `now`. A timeout is told with its time. */
export function allowedBy(order: readonly Step[], now = 0): ReadonlySet<string> {
  const deadline = now + TIMEOUT_MS
  let scenes: readonly Scene[] = [{ now, deadline, stalledMs: 0, result: undefined, end: undefined }]
  for (const step of order) scenes = scenes.flatMap((scene) => after(step, scene)).flatMap(maybeHeard)
  return new Set(scenes.flatMap((scene) => after('pass 10000', scene)).map(({ end }) => end ?? 'nothing'))
}

function after(step: Step, scene: Scene): readonly Scene[] {
  const { now, result, end } = scene
  if (step === 'aborts') return [{ ...scene, end: end ?? 'cancelled' }]
  if (step.startsWith('stall'))
    return [{ ...scene, now: now + msOf(step), stalledMs: scene.stalledMs + msOf(step) }]
  if (isTurn(step))
    return turned({ ...scene, deadline: judgedAt(scene), stalledMs: 0 }, step === 'turn' ? 0 : msOf(step))
  const kind = step.startsWith('answers') ? 'success' : 'failure'
  return [{ ...scene, result: result ?? { kind, at: now, inSocket: step.endsWith('socket') } }]
}

/** When the time of a call is over: a stall that went well beyond gives half of what it took. */
export function judgedAt({
  now,
  deadline,
  stalledMs,
}: Pick<Scene, 'now' | 'deadline' | 'stalledMs'>): number {
  const lagMs = now - deadline
  return lagMs > 20 ? now + Math.min(TIMEOUT_MS, lagMs, stalledMs - lagMs) / 2 : deadline
}

/** At hand: heard before the next step, or after. */
function maybeHeard(scene: Scene): readonly Scene[] {
  const { result, end } = scene
  if (result === undefined || result.inSocket || end !== undefined) return [scene]
  return [scene, { ...scene, end: result.kind }]
}

/** The loop turns until it is `ms` later: what is there is heard, and who is over time is told so. */
function turned(scene: Scene, ms: number): readonly Scene[] {
  const until = scene.now + ms
  const ends = scene.end === undefined ? endsOf(scene, until) : [scene.end]
  return ends.map((end) => ({ ...scene, now: until, end }))
}

function endsOf({ now, deadline, result }: Scene, until: number): readonly (string | undefined)[] {
  const timeout = `timeout at ${Math.max(deadline, now)}`
  if (result === undefined) return [until >= deadline ? timeout : undefined]
  // One that came after the time, but before anybody could say so, may be heard or not.
  return result.at > deadline ? [result.kind, timeout] : [result.kind]
}

/** Gaps where they can matter: the first step and what follows a turn find nothing under way, and a turn hears all. */
export function gapsFor(order: readonly Step[]): readonly (readonly number[])[] {
  const mayMatter = order.map((step, index) => {
    const before = order[index - 1]
    return before !== undefined && !isTurn(before) && !isTurn(step)
  })
  const lists = gapLists(mayMatter.filter(Boolean).length, GAPS)
  return lists.map((list) => {
    const left = [...list]
    return mayMatter.map((matters) => (matters ? (left.shift() ?? 0) : 0))
  })
}
