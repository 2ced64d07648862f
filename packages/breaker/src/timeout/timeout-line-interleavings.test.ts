/**
 * Every order in which two calls of one timeout begin, are answered or aborted, and run out of time, with up to four
 * microtasks between: each ends as if it were alone, though one timer serves both.
 */
import { microtaskSteps, SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { merges } from '../interleavings.model.js'
import { allowedBy, gapsFor, msOf, TIMEOUT_MS } from './timeout-contract.model.js'
import type { Step } from './timeout-contract.model.js'
import { Timeout } from './timeout.js'

const SLOW_MS = 60_000

type Who = 'A' | 'B'
type Act = Step | `${Who} ${'comes' | 'answers' | 'aborts'}`
const ownerOf = (act: Act): Who | undefined => (/^[AB] /.test(act) ? (act.charAt(0) as Who) : undefined)
const stepOf = (act: Act): Step => (ownerOf(act) === undefined ? act : act.slice(2)) as Step

/** Calls that come one after the other and wait equally long. */
class SharedLine {
  readonly ends: Map<Who, string> = new Map()
  mostTimers = 0
  private readonly clock = new SimClock()
  private readonly timeout = new Timeout({ timeoutMs: TIMEOUT_MS, clock: this.clock })
  private readonly callers = { A: new AbortController(), B: new AbortController() }
  private readonly answers = new Map<Who, (value: string) => void>()

  async play(order: readonly Act[], gaps: readonly number[]): Promise<void> {
    const { clock } = this
    for (const [index, act] of order.entries()) {
      const gap = gaps[index] ?? 0
      if (gap > 0) await microtaskSteps(gap - 1)
      if (act.startsWith('pass')) await clock.advance(msOf(act as Step))
      else this.act(act, ownerOf(act) ?? 'A')
      this.mostTimers = Math.max(this.mostTimers, clock.pending.background + clock.pending.timers)
    }
    await clock.advance(10_000)
  }

  /** Everything that the loop would still have to do. */
  get left(): number {
    return Object.values(this.clock.pending).reduce((sum, count) => sum + count, 0)
  }

  private act(act: Act, who: Who): void {
    if (act.endsWith('answers')) this.answers.get(who)?.('up')
    else if (act.endsWith('aborts')) this.callers[who].abort()
    else {
      const work = (): Promise<string> => new Promise((resolve) => this.answers.set(who, resolve))
      void this.timeout.outcome(work, { signal: this.callers[who].signal }).then(({ kind }) => {
        this.ends.set(who, kind === 'timeout' ? `timeout at ${this.clock.now()}` : kind)
      })
    }
  }
}

/** What a call may come to does not depend on the others. */
function allowedFor(who: Who, order: readonly Act[]): ReadonlySet<string> {
  const comes = order.indexOf(`${who} comes`)
  const now = order
    .slice(0, comes)
    .reduce((sum, act) => sum + (act.startsWith('pass') ? msOf(act as Step) : 0), 0)
  const own = order.slice(comes + 1).filter((act) => (ownerOf(act) ?? who) === who)
  return allowedBy(own.map(stepOf), now)
}

describe('calls of one time that begin apart', () => {
  it.each<[string, number, Act[], Act[]]>([
    ['both never answer', 52, ['A comes'], ['B comes']],
    ['the first answers', 492, ['A comes', 'A answers'], ['B comes']],
    ['the second answers', 492, ['A comes'], ['B comes', 'B answers']],
    ['both answer', 6_066, ['A comes', 'A answers'], ['B comes', 'B answers']],
    ['one is aborted, one answers', 6_066, ['A comes', 'A aborts'], ['B comes', 'B answers']],
    ['the answered one is aborted too', 4_044, ['A comes', 'A answers', 'A aborts'], ['B comes']],
  ])(
    'T1 T5 T7: end each in its own time, with one timer for all, in every order, when %s',
    async (_name, orders, a, b) => {
      const wrong: string[] = []
      let played = 0
      for (const order of merges<Act>([a, b, ['pass 30', 'pass 20', 'pass 30']])) {
        const allowed = { A: allowedFor('A', order), B: allowedFor('B', order) }
        for (const gaps of gapsFor(order.map(stepOf))) {
          const line = new SharedLine()
          await line.play(order, gaps)
          played++
          const { ends, mostTimers, left } = line
          const isAllowed = (['A', 'B'] as const).every((who) => allowed[who].has(ends.get(who) ?? 'nothing'))
          if (!isAllowed || mostTimers !== 1 || left > 0)
            wrong.push([order, gaps, [...ends], `${mostTimers} timers, ${left} left`].join('\n'))
        }
      }

      expect(wrong.slice(0, 3)).toEqual([])
      expect(played).toBe(orders)
    },
    SLOW_MS,
  )
})
