// A program and a library of it may load the packages twice, as ES modules and as CommonJS. What one copy made, the other takes.
import * as ours from '@breakwater/breaker'
import { createRuntime } from '@breakwater/kernel'
import { describe, expect, it, vi } from 'vitest'
import { createCommand } from './command.js'
import type { CommandTuning } from './command-options.js'

vi.resetModules()
const theirs = await import('@breakwater/breaker')

type Copy = typeof ours

const runtime = createRuntime()
const name = 'of the other copy'
const MAKERS = {
  breaker: ({ CircuitBreaker }: Copy) => new CircuitBreaker({ name, runtime }),
  bulkhead: ({ Bulkhead }: Copy) => new Bulkhead({ name, runtime }),
  'adaptive bulkhead': ({ AdaptiveLimiter }: Copy) => new AdaptiveLimiter({ name, runtime }),
  rate: ({ RateLimiter }: Copy) => new RateLimiter({ name, rate: 5 }),
  retry: ({ Retry }: Copy) => new Retry({ name }),
  hedge: ({ Hedge }: Copy) => new Hedge({ name, delayMs: 1_000 }),
} as const
const CASES = Object.entries(MAKERS)

const tuning = (kind: string, value: unknown): CommandTuning => ({ [kind.split(' ').at(-1) ?? '']: value })

describe('a command, with a policy of the other copy of the library', () => {
  it.each(CASES)('shares a %s', async (kind, make) => {
    const policy = make(theirs)
    const command = createCommand({ name: 'shared', run: () => 'answer', ...tuning(kind, policy) })

    expect(policy instanceof make(ours).constructor).toBe(false)
    expect(command.describe().map((part) => part.name)).toContain(name)
    expect(await command.execute()).toBe('answer')
    command.dispose()
    expect(await policy.execute(() => 'still there')).toBe('still there')
  })

  it.each(CASES)('takes a %s in an update', async (kind, make) => {
    using command = createCommand({ name: 'updated', run: () => 'answer' })

    command.update(tuning(kind, make(theirs)))

    expect(command.describe().map((part) => part.name)).toContain(name)
    expect(await command.execute()).toBe('answer')
  })

  it('refuses one in the place of another', () => {
    const wrong = { name: 'wrong', run: () => 'answer', ...tuning('breaker', new theirs.Bulkhead()) }

    expect(() => createCommand(wrong)).toThrow('options, a CircuitBreaker, or false')
  })

  it('refuses a pool beside its bulkhead', () => {
    const bulkhead = new theirs.Bulkhead()

    expect(() => createCommand({ name: 'pooled', run: () => 'answer', bulkhead, pool: 'small' })).toThrow(
      'nothing beside a bulkhead to share',
    )
  })

  it('spends its budget of retries', async () => {
    const budget = new theirs.RetryBudget()
    using command = createCommand({ name: 'retried', run: () => 'answer', retry: { budget } })

    await command.execute()

    expect(budget.snapshot().calls).toBe(1)
  })

  it('shares its breaker as Hystrix would', async () => {
    const breaker = new theirs.CircuitBreaker()
    using command = createCommand({
      preset: 'hystrix',
      name: 'old',
      group: 'old',
      run: () => 'answer',
      breaker,
    })

    expect(await command.execute()).toBe('answer')
    expect(command.breaker).toBe(breaker)
  })
})
