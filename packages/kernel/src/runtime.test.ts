import { describe, expect, it, vi } from 'vitest'
import type { ConfigurationSource } from './configuration.js'
import type { Instrument } from './instrument.js'
import { onInternalError } from './internal-errors.js'
import { InvalidOptionsError } from './invalid-options-error.js'
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
    const unsubscribe = onInternalError((error, where) => reported.push(`${where}: ${String(error)}`))
    const removals = Array.from({ length: MAX_INSTRUMENTS }, (_, index) =>
      runtime.register(instrument(String(index))),
    )

    const removeSurplus = runtime.register(instrument('one too many'))
    unsubscribe()

    expect(runtime.dropped).toBe(1)
    expect(reported).toEqual([
      'runtime.register: RangeError: more than 100000 named policies: dispose those that are no longer used',
    ])
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
      runtime.register(instrument('stays'))
      runtime.dispose()
      runtime.register(instrument('b'))
      remove()
      left = [...runtime.instruments()]
    }

    expect(heard).toHaveBeenCalledTimes(2)
    expect(left.map(({ name }) => name)).toEqual(['b'])
  })

  it('is disposed of at the end of its block', () => {
    const runtime = createRuntime()
    {
      using block = runtime
      block.register(instrument('a'))
    }

    expect([...runtime.instruments()]).toEqual([])
  })

  it('is apart from every other', () => {
    const [one, other] = [createRuntime(), createRuntime()]

    one.register(instrument('a'))

    expect([...other.instruments()]).toEqual([])
  })
})

describe('the configuration of a runtime', () => {
  const source: ConfigurationSource = { get: () => 1, onChange: () => () => undefined }

  it('is told of when it changes', () => {
    const runtime = createRuntime()
    const heard = vi.fn()
    runtime.on('configured', heard)

    runtime.configure(source)()

    expect(heard.mock.calls).toEqual([[{ names: undefined }], [{ names: undefined }]])
  })

  it.each([undefined, null, {}, { get: source.get }, { onChange: source.onChange }])(
    'comes from no %o',
    (bad) => {
      const configure = (): unknown => createRuntime().configure(bad as ConfigurationSource)

      expect(configure).toThrow(InvalidOptionsError)
      expect(configure).toThrow(
        'Invalid arguments for runtime.configure:\n  source: expected a source of configuration',
      )
    },
  )
})

describe('the runtime of the process', () => {
  it('is one', () => {
    expect(defaultRuntime()).toBe(defaultRuntime())
    expect(Object.keys(defaultRuntime())).toEqual(Object.keys(createRuntime()))
  })

  it('is the same for every copy of the package', async () => {
    vi.resetModules()
    const copy = await import('./runtime.js')

    expect(copy.defaultRuntime).not.toBe(defaultRuntime)
    expect(copy.defaultRuntime()).toBe(defaultRuntime())
    expect(Reflect.get(globalThis, Symbol.for('breakwater.runtime@1'))).toBe(defaultRuntime())
  })
})
