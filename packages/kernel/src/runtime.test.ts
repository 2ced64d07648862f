import { describe, expect, it, vi } from 'vitest'
import type { Instrument } from './instrument.js'
import { onInternalError } from './internal-errors.js'
import { createRuntime, defaultRuntime, MAX_INSTRUMENTS } from './runtime.js'

const instrument = (name: string): Instrument => ({
  kind: 'bulkhead',
  name,
  read: () => {
    throw new Error('nobody scrapes here')
  },
})

describe('a runtime', () => {
  it('lists instruments in the order in which they were registered', () => {
    const runtime = createRuntime()
    const [one, two] = [instrument('b'), instrument('a')]

    runtime.register(one)
    runtime.register(two)

    expect([...runtime.instruments()]).toEqual([one, two])
  })

  it('lists what was there when it was asked, whatever is registered meanwhile', () => {
    const runtime = createRuntime()
    runtime.register(instrument('a'))

    const seen: string[] = []
    for (const { name } of runtime.instruments()) {
      seen.push(name)
      runtime.register(instrument(`${name}+`))
    }

    expect(seen).toEqual(['a'])
  })

  it('keeps two of the same name apart', () => {
    const runtime = createRuntime()
    const removeFirst = runtime.register(instrument('same'))
    const second = instrument('same')
    runtime.register(second)

    removeFirst()

    expect([...runtime.instruments()]).toEqual([second])
  })

  it('tells of what comes and goes, once', () => {
    const runtime = createRuntime()
    const events: string[] = []
    runtime.on('registered', ({ name }) => events.push(`+${name}`))
    const unsubscribe = runtime.on('removed', ({ name }) => events.push(`-${name}`))

    const remove = runtime.register(instrument('a'))
    remove()
    remove()
    unsubscribe()
    runtime.register(instrument('b'))()

    expect(events).toEqual(['+a', '-a', '+b'])
  })

  it('hands transitions on', () => {
    const runtime = createRuntime()
    const heard = vi.fn()
    runtime.on('transition', heard)
    const transition = { name: 'users', from: 'closed', to: 'open', reason: 'tripped', at: 5 } as const

    runtime.emit('transition', transition)

    expect(heard.mock.calls).toEqual([[transition]])
  })

  it('takes no more than its limit: the rest is counted, reported and not needed', () => {
    const runtime = createRuntime()
    const reported: string[] = []
    const unsubscribe = onInternalError((error, where) => reported.push(`${where}: ${(error as Error).name}`))
    const removals = Array.from({ length: MAX_INSTRUMENTS }, (_, index) =>
      runtime.register(instrument(String(index))),
    )

    const removeSurplus = runtime.register(instrument('one too many'))
    unsubscribe()

    expect(runtime.dropped).toBe(1)
    expect(reported).toEqual(['runtime.register: RangeError'])
    removeSurplus()
    expect([...runtime.instruments()]).toHaveLength(MAX_INSTRUMENTS)
    removals[0]?.()
    runtime.register(instrument('fits again'))
    expect([...runtime.instruments()].at(-1)?.name).toBe('fits again')
    expect(runtime.dropped).toBe(1)
  })

  it('forgets instruments and listeners when it is disposed', () => {
    const heard = vi.fn()
    let left: Instrument[]
    {
      using runtime = createRuntime()
      runtime.on('registered', heard)
      const remove = runtime.register(instrument('a'))
      runtime.dispose()
      runtime.register(instrument('b'))
      remove()
      left = [...runtime.instruments()]
    }

    expect(heard).toHaveBeenCalledTimes(1)
    expect(left.map(({ name }) => name)).toEqual(['b'])
  })

  it('is apart from every other', () => {
    const [one, other] = [createRuntime(), createRuntime()]

    one.register(instrument('a'))

    expect([...other.instruments()]).toEqual([])
  })
})

describe('the runtime of the process', () => {
  it('is the same for every copy of the package', async () => {
    vi.resetModules()
    const copy = await import('./runtime.js')

    expect(copy.defaultRuntime).not.toBe(defaultRuntime)
    expect(copy.defaultRuntime()).toBe(defaultRuntime())
    expect(Reflect.get(globalThis, Symbol.for('breakwater.runtime@1'))).toBe(defaultRuntime())
  })
})
