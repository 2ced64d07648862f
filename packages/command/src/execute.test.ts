import { consecutiveFailures } from '@breakwater/breaker'
import { CircuitOpenError, FallbackFailedError } from '@breakwater/kernel'
import type { FallbackCause } from '@breakwater/kernel'
import { createScriptedDependency } from '@breakwater/testing'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { errorIn, failing, never, watch, world } from './command.model.js'
import { createCommand } from './command.js'

const down = new Error('down')

describe('the work of a command', () => {
  it('gets the call and the arguments, at each attempt', async () => {
    const around = world()
    const seen: unknown[][] = []
    const run = (call: { attempt: number; name?: string | undefined }, ...args: unknown[]): string => {
      seen.push([call.name, call.attempt, ...args])
      if (call.attempt === 1) throw down
      return 'second'
    }
    const command = createCommand({ name: 'GetUser', run, ...around })

    const answer = watch(command.execute('42', undefined, { deep: true }))
    await around.clock.advance(2_000)

    expect(answer.value).toBe('second')
    expect(seen).toEqual([
      ['GetUser', 1, '42', undefined, { deep: true }],
      ['GetUser', 2, '42', undefined, { deep: true }],
    ])
  })

  it('may have no arguments, or undefined as one', async () => {
    const run = (_call: unknown, ...args: unknown[]): number => args.length
    const command = createCommand({ name: 'count', run, ...world() })

    expect(await command.execute()).toBe(0)
    expect(await command.execute(undefined)).toBe(1)
  })

  it.each<[string, () => unknown]>([
    ['a bare value', () => 7],
    ['a promise', () => Promise.resolve(7)],
    ['a thenable', () => ({ then: (resolve: (value: number) => void) => resolve(7) })],
  ])('may answer with %s', async (_kind, run) => {
    const command = createCommand({ name: 'seven', run, ...world() })

    expect(await command.execute()).toBe(7)
    expect(await command.outcome()).toEqual({ kind: 'success', value: 7 })
    expect(await command.with({ budgetMs: 100 }).execute()).toBe(7)
    expect(await command.with({ budgetMs: 100 }).outcome()).toEqual({ kind: 'success', value: 7 })
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw down
      },
    ],
    ['rejects', () => Promise.reject(down)],
    [
      'gives a thenable that rejects',
      () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(down) }),
    ],
  ])('that %s fails with the same error object', async (_kind, run) => {
    const command = createCommand({ name: 'lost', run, ...world(), retry: false })

    await expect(command.execute()).rejects.toBe(down)
    expect(await command.outcome()).toEqual({ kind: 'failure', error: down })
    expect(command.snapshot().executions.failure).toBe(2)
  })

  it('does not see the insides of the command as this', async () => {
    const seen: unknown[] = []
    function run(this: unknown): never {
      seen.push(this)
      throw down
    }
    function fallback(this: unknown): string {
      seen.push(this)
      return 'fb'
    }
    function ignore(this: unknown): boolean {
      seen.push(this)
      return false
    }
    const command = createCommand({ name: 'this', run, fallback, ignore, ...world(), retry: false })

    await command.execute()

    expect(seen).toEqual([undefined, undefined, undefined])
  })
})

describe('the fallback of a command', () => {
  it.each<[string, () => unknown]>([
    ['at once', () => 'instead'],
    ['with a promise', () => Promise.resolve('instead')],
    ['with a thenable', () => ({ then: (resolve: (value: string) => void) => resolve('instead') })],
  ])('answers %s', async (_kind, fallback) => {
    const command = createCommand({ name: 'lost', run: failing, fallback, ...world(), retry: false })

    expect(await command.execute()).toBe('instead')
    expect(await command.outcome()).toEqual({ kind: 'success', value: 'instead' })
    expect(command.snapshot().fallbacks.success).toBe(2)
  })

  it('gets the cause and the arguments of the call', async () => {
    const around = world()
    const asked: [FallbackCause, ...unknown[]][] = []
    const { run } = createScriptedDependency<string>({ clock: around.clock, script: [{ error: down }] })
    const command = createCommand({
      name: 'GetUser',
      run: (call, id: string, options: object) => run(call, id, options),
      fallback: (...args) => asked.push(args),
      ...around,
    })

    watch(command.execute('42', { fresh: true }))
    await around.clock.advance(5_000)

    expect(asked).toEqual([
      [{ kind: 'failure', error: down, policy: undefined, attempt: 3 }, '42', { fresh: true }],
    ])
  })

  it('is told which policy refused or ended the call', async () => {
    const around = world()
    const causes: string[] = []
    const command = createCommand({
      name: 'sick',
      run: (_call, isSlow: boolean) => (isSlow ? never() : failing()),
      fallback: ({ kind, policy }) => causes.push(`${kind} ${String(policy)}`),
      ...around,
      retry: false,
      breaker: { trip: consecutiveFailures(2) },
      bulkhead: { limit: 1 },
    })

    const slow = watch(command.execute(true))
    await command.execute(true)
    await around.clock.advance(2_000)
    await command.execute(false)
    command.bulkhead?.update({ limit: 5 })
    await command.execute(false)
    await command.execute(false)

    expect(slow.ended).toBe('resolved')
    expect(causes).toEqual([
      'rejected bulkhead',
      'timeout timeout',
      'rejected bulkhead',
      'failure undefined',
      'rejected breaker',
    ])
  })

  it.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new RangeError('empty cache')
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('empty cache'))],
  ])('that %s fails the call with both errors', async (_kind, fallback) => {
    const command = createCommand({
      name: 'lost',
      run: () => Promise.reject(down),
      fallback,
      ...world(),
      retry: false,
    })

    const error = errorIn(await command.outcome())

    expect(error).toBeInstanceOf(FallbackFailedError)
    expect(error).toMatchObject({ cause: down, fallbackError: new RangeError('empty cache') })
    await expect(command.execute()).rejects.toBeInstanceOf(FallbackFailedError)
    expect(command.snapshot()).toMatchObject({ fallbacks: { failure: 2 }, exceptionsThrown: 2 })
  })

  it('that fails has the open circuit as its cause too', async () => {
    const command = createCommand({ name: 'lost', run: failing, fallback: failing, ...world() })
    command.breaker?.forceOpen()

    const error = errorIn(await command.outcome())

    expect(error).toBeInstanceOf(FallbackFailedError)
    expect((error as FallbackFailedError).cause).toBeInstanceOf(CircuitOpenError)
  })
})
