import { Bulkhead, CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { failing, instrumentsOf, never, watch, world } from './command.model.js'
import { createCommand } from './command.js'

const NOTHING = { timers: 0, background: 0, io: 0, afterPoll: 0 }

describe('dispose', () => {
  it('removes the instruments, once', () => {
    const around = world()
    const command = createCommand({ name: 'gone', run: never, ...around })
    const removed: string[] = []
    around.runtime.on('removed', ({ kind }) => removed.push(kind))

    command.dispose()
    command.dispose()

    expect(instrumentsOf(around.runtime)).toEqual([])
    expect(removed.sort()).toEqual(['breaker', 'bulkhead', 'command'])
  })

  it('K4: of the preset hystrix leaves no instrument, also when its semaphore is needed only later', async () => {
    const around = world()
    const command = createCommand({
      ...{ name: 'gone', preset: 'hystrix', run: () => 'up', ...around },
      properties: { 'execution.isolation.strategy': 'SEMAPHORE' },
    })

    command.dispose()

    expect(await command.execute()).toBe('up')
    expect(command.bulkhead.snapshot().running).toBe(0)
    expect(instrumentsOf(around.runtime)).toEqual([])
  })

  it('K4: sends the listeners away, those at a shared breaker too', async () => {
    const around = world()
    const breaker = new CircuitBreaker({ clock: around.clock })
    const commands = [{ name: 'gone' }, { name: 'gone too', breaker }].map((tuning) =>
      createCommand({ run: failing, ...around, retry: false, ...tuning }),
    )
    const heard: unknown[] = []
    for (const command of commands) {
      for (const event of ['execution', 'fallback', 'transition', 'rejected'] as const)
        command.on(event, (payload) => heard.push(payload))
      command.dispose()
    }

    for (const command of commands) {
      await command.outcome()
      command.breaker?.forceOpen()
      await command.outcome()
    }

    expect(heard).toEqual([])
  })

  it('K4: leaves no listener of its own at a shared breaker', () => {
    const around = world()
    const breaker = new CircuitBreaker({ clock: around.clock })
    const subscribe = breaker.on.bind(breaker)
    let listeners = 0
    breaker.on = (event, listener) => {
      const stop = subscribe(event, listener)
      listeners++
      return () => {
        listeners--
        stop()
      }
    }
    const command = createCommand({ name: 'gone', run: never, ...around, breaker })
    for (let life = 0; life < 3; life++) command.on('transition', () => undefined)()
    command.on('rejected', () => undefined)
    expect(listeners).toBe(2)

    command.dispose()

    expect(listeners).toBe(0)
  })

  it('lets new listeners come', async () => {
    const command = createCommand({ name: 'gone', run: failing, ...world(), retry: false })
    const heard: string[] = []
    command.on('transition', () => heard.push('before'))

    command.dispose()
    command.on('transition', ({ to }) => heard.push(to))
    command.on('execution', ({ outcome }) => heard.push(outcome))
    command.breaker?.forceClosed()
    await command.outcome()

    expect(heard).toEqual(['forced-closed', 'failure'])
  })

  it('leaves shared policies as they are', async () => {
    const around = world()
    const breaker = new CircuitBreaker({ ...around, name: 'shared' })
    const bulkhead = new Bulkhead({ name: 'shared', clock: around.clock, runtime: around.runtime })
    const heard: unknown[] = []
    breaker.on('transition', (transition) => heard.push(transition))
    const command = createCommand({ name: 'gone', run: never, ...around, breaker, bulkhead })

    command.dispose()
    breaker.forceOpen()

    expect(instrumentsOf(around.runtime)).toEqual(['breaker shared', 'bulkhead shared'])
    expect(heard).toHaveLength(1)
  })

  it('lets calls under way end, and further ones be made', async () => {
    const around = world()
    const command = createCommand({
      name: 'gone',
      run: (_call, slow: boolean) => (slow ? never() : 'ok'),
      ...around,
      retry: false,
    })
    const underWay = watch(command.execute(true))

    command.dispose()

    expect(await command.execute(false)).toBe('ok')
    await around.clock.advance(2_000)
    expect(underWay.ended).toBe('rejected')
    expect(command.snapshot()).toMatchObject({ inFlight: 0, executions: { success: 1, timeout: 1 } })
  })

  it('is followed by updates that register nothing', async () => {
    const around = world()
    const command = createCommand({ name: 'gone', run: failing, ...around, retry: false, breaker: false })

    command.dispose()
    command.update({ breaker: { trip: consecutiveFailures(1) }, bulkhead: { limit: 1 } })
    await command.outcome()

    expect(command.breaker).toBeOpen()
    expect(instrumentsOf(around.runtime)).toEqual([])
  })

  it('is done by using', () => {
    const around = world()
    {
      using command = createCommand({ name: 'gone', run: never, ...around })
      expect(instrumentsOf(around.runtime)).toHaveLength(3)
      expect(command.name).toBe('gone')
    }

    expect(instrumentsOf(around.runtime)).toEqual([])
  })

  it('K4: leaves no instrument and no timer after 10 000 lives', async () => {
    const around = world()

    for (let life = 0; life < 10_000; life++) {
      const command = createCommand({
        name: `life ${String(life)}`,
        run: () => life,
        ...around,
        attemptTimeoutMs: 1 + (life % 500),
      })
      watch(command.with({ budgetMs: 1_000 + life }).execute())
      command.dispose()
    }

    expect(instrumentsOf(around.runtime)).toEqual([])
    expect(around.runtime.dropped).toBe(0)
    await around.clock.advance(20_000)
    expect(around.clock.pending).toEqual(NOTHING)
  })
})
