import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createScriptedDependency } from './scripted-dependency.js'
import type { ScriptedAnswer, ScriptedDependency } from './scripted-dependency.js'
import { SimClock } from './sim-clock.js'

type Answer = ScriptedAnswer<string>

function follow(...script: Answer[]): {
  clock: SimClock
  dependency: ScriptedDependency<readonly unknown[], string>
} {
  const clock = new SimClock()
  return { clock, dependency: createScriptedDependency<string>({ clock, script }) }
}

describe('the script', () => {
  it('gives the n-th answer to the n-th call, and the last one for ever', async () => {
    const boom = new Error('boom')
    const { clock, dependency } = follow({ value: 'one' }, { error: boom }, { value: 'last' })

    const answers = Promise.allSettled([1, 2, 3, 4].map(() => dependency.run()))
    await clock.flush()

    expect(await answers).toEqual([
      { status: 'fulfilled', value: 'one' },
      { status: 'rejected', reason: boom },
      { status: 'fulfilled', value: 'last' },
      { status: 'fulfilled', value: 'last' },
    ])
  })

  it('may be a function of the number of the call and its arguments', async () => {
    const clock = new SimClock()
    const dependency = createScriptedDependency<string, [id: string]>({
      clock,
      script: (index, [id]) => ({ value: `${index} ${id}` }),
    })

    const answers = Promise.all([dependency.run(undefined, 'a'), dependency.run(undefined, 'b')])
    await clock.flush()

    expect(await answers).toEqual(['0 a', '1 b'])
    expect(dependency.calls.map(({ args }) => args)).toEqual([['a'], ['b']])
  })

  it('is copied, so that later changes have no effect', async () => {
    const clock = new SimClock()
    const script: Answer[] = [{ value: 'old' }]
    const dependency = createScriptedDependency<string>({ clock, script })
    script[0] = { value: 'new' }

    const answer = dependency.run()
    await clock.flush()
    expect(await answer).toBe('old')
  })

  it.each<[string, unknown]>([
    ['script: expected an array of at least one answer', []],
    ['script: expected an array of at least one answer', 'x'],
    ['afterMs: expected a number of milliseconds', [{ afterMs: -1 }]],
    ['never: expected true or false', [{}, { never: 1 }]],
    ['throwSync: expected true or false', [{ throwSync: 'x' }]],
    ['thenable: expected true or false', [{ thenable: 0 }]],
    ['ignoreAbort: expected true or false', [{ ignoreAbort: null }]],
    ['afterMS: expected a known option', [{ afterMS: 1 }]],
    ['expected only one of value, error and never', [{ value: 1, error: 2 }]],
    ['expected only one of value, error and never', [{ error: undefined, never: true }]],
    ['error: expected the error that throwSync throws', [{ throwSync: true }]],
    ['expected a plain object', [null]],
  ])('is refused with "%s" when it is %j', (message, script) => {
    const options = { clock: new SimClock(), script: script as Answer[] }

    expect(() => createScriptedDependency(options)).toThrow(InvalidOptionsError)
    expect(() => createScriptedDependency(options)).toThrow(message)
  })

  it('of a function that says nothing is an answer without a value', async () => {
    const clock = new SimClock()
    // As of a list that is shorter than the types say.
    const script = (index: number): Answer => [{ value: 'first' }][index] as Answer
    const dependency = createScriptedDependency<string>({ clock, script })

    const answers = Promise.all([dependency.run(), dependency.run()])
    await clock.flush()

    expect(await answers).toEqual(['first', undefined])
    expect(dependency.running).toBe(0)
  })

  it('is checked at each call when it is a function', () => {
    const dependency = createScriptedDependency({ clock: new SimClock(), script: () => ({ afterMs: NaN }) })

    expect(() => dependency.run()).toThrow('createScriptedDependency, script[0]')
    expect(dependency.calls).toEqual([])
  })

  it.each([undefined, null, 5, { now: () => 0 }, { io: 5 }])(
    'needs a simulated clock, and %o is none',
    (clock: unknown) => {
      expect(() => createScriptedDependency({ clock: clock as SimClock, script: [{}] })).toThrow(
        'Invalid options for createScriptedDependency:\n  clock: expected a SimClock',
      )
    },
  )
})

describe('one call', () => {
  it('ends when its time has come, through the I/O phase', async () => {
    const { clock, dependency } = follow({ afterMs: 20, value: 'x' })
    const order: string[] = []
    clock.schedule(20, () => order.push('timer'))
    dependency.run().then((value) => order.push(value))

    await clock.advance(19)
    expect(dependency.calls).toEqual([{ args: [], startedAt: 0, aborted: false }])
    await clock.advance(1)
    expect(order).toEqual(['timer', 'x'])
    expect(dependency.calls).toEqual([{ args: [], startedAt: 0, endedAt: 20, aborted: false }])
  })

  it('can reject with undefined, and answer undefined', async () => {
    const { clock, dependency } = follow({ error: undefined }, {})
    const answers = Promise.allSettled([dependency.run(), dependency.run()])
    await clock.flush()

    expect(await answers).toEqual([
      { status: 'rejected', reason: undefined },
      { status: 'fulfilled', value: undefined },
    ])
  })

  it('can throw before it returns', () => {
    const boom = new Error('boom')
    const { dependency } = follow({ error: boom, throwSync: true })

    expect(() => dependency.run()).toThrow(boom)
    expect(dependency.calls).toEqual([{ args: [], startedAt: 0, endedAt: 0, aborted: false }])
    expect([dependency.running, dependency.maxRunning]).toEqual([0, 0])
  })

  it('can return a bare thenable', async () => {
    const { clock, dependency } = follow({ value: 'x', thenable: true }, { error: 'no', thenable: true })
    const first = dependency.run()
    const second = dependency.run()
    expect([first, second].map((answer) => answer instanceof Promise)).toEqual([false, false])
    expect(follow({}).dependency.run()).toBeInstanceOf(Promise)

    const answers = Promise.allSettled([first, second])
    await clock.flush()
    expect(await answers).toMatchObject([{ value: 'x' }, { reason: 'no' }])
  })

  it('counts what runs at once', async () => {
    const { clock, dependency } = follow({ afterMs: 10 }, { afterMs: 5 }, { afterMs: 20 })
    dependency.run()
    dependency.run()
    expect(dependency.running).toBe(2)
    await clock.advance(7)
    dependency.run()
    expect([dependency.running, dependency.maxRunning]).toEqual([2, 2])

    await clock.advance(20)
    expect([dependency.running, dependency.maxRunning]).toEqual([0, 2])
  })
})

describe('the signal of a call', () => {
  it('ends the call at once with its reason', async () => {
    const { clock, dependency } = follow({ afterMs: 50, value: 'x' })
    const controller = new AbortController()
    const answer = dependency.run(controller)
    await clock.advance(10)

    controller.abort('enough')

    await expect(answer).rejects.toBe('enough')
    expect(dependency.calls).toEqual([{ args: [], startedAt: 0, endedAt: 10, aborted: true }])
    expect([dependency.running, clock.pending.io]).toEqual([0, 0])
  })

  it('ends a call that never gets an answer', async () => {
    const { clock, dependency } = follow({ never: true })
    const controller = new AbortController()
    const answer = dependency.run(controller)
    await clock.advance(1e9)
    expect(dependency.running).toBe(1)

    controller.abort('enough')
    await expect(answer).rejects.toBe('enough')
  })

  it('that is aborted already lets nothing start to wait', async () => {
    const { clock, dependency } = follow({ value: 'x' })

    await expect(dependency.run({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
    expect(dependency.calls).toMatchObject([{ aborted: true, endedAt: 0 }])
    expect(clock.pending.io).toBe(0)
  })

  it('has no effect after the end', async () => {
    const { clock, dependency } = follow({ value: 'x' })
    const controller = new AbortController()
    const answer = dependency.run(controller)
    await clock.flush()
    controller.abort()

    expect(await answer).toBe('x')
    expect([dependency.running, dependency.calls[0]?.aborted]).toEqual([0, false])
  })

  it('is not even read when the script says to ignore it', async () => {
    const { clock, dependency } = follow({ afterMs: 5, value: 'x', ignoreAbort: true })
    const context = {
      get signal(): AbortSignal {
        throw new Error('must not be read')
      },
    }
    const answer = dependency.run(context)
    await clock.advance(5)

    expect(await answer).toBe('x')
  })
})
