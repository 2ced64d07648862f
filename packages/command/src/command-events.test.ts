import { CircuitBreaker, consecutiveFailures, constant } from '@breakwater/breaker'
import { onInternalError } from '@breakwater/kernel'
import { createScriptedDependency } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { failing, faultsIn, never, watch, world } from './command.model.js'
import type { World } from './command.model.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import type { CommandEvents } from './command-events.js'
import type { CommandTuning } from './command-options.js'

const EVENTS = ['execution', 'fallback', 'transition', 'rejected', 'late', 'update', 'retry'] as const

/** Writes down the events of a command as `event what`. */
function listenTo(command: Command<[], unknown>): string[] {
  const heard: string[] = []
  command.on('execution', ({ outcome }) => heard.push(`execution ${outcome}`))
  command.on('fallback', ({ outcome }) => heard.push(`fallback ${outcome}`))
  command.on('transition', ({ from, to }) => heard.push(`transition ${from} ${to}`))
  command.on('rejected', ({ error }) => heard.push(`rejected ${error.code}`))
  command.on('late', ({ kind }) => heard.push(`late ${kind}`))
  command.on('update', () => heard.push('update'))
  command.on('retry', ({ attempt, delayMs }) =>
    heard.push(`retry ${String(attempt)} after ${String(delayMs)}`),
  )
  return heard
}

function fragile(around: World, tuning: CommandTuning = {}): Command<[], string> {
  return createCommand({
    name: 'fragile',
    run: failing,
    fallback: () => 'fb',
    ...around,
    retry: { maxRetries: 1, backoff: constant({ ms: 0 }) },
    breaker: { trip: consecutiveFailures(2), openMs: 1_000 },
    ...tuning,
  })
}

describe('the events of a command', () => {
  it('tell what happens, in order', async () => {
    const command = fragile(world())
    const heard = listenTo(command)

    await command.execute()
    await command.execute()

    expect(heard).toEqual([
      'retry 2 after 0',
      'transition closed open',
      'execution failure',
      'fallback success',
      'rejected ERR_CIRCUIT_OPEN',
      'execution short_circuited',
      'fallback success',
    ])
  })

  it('carry the error and the duration of the execution', async () => {
    const around = world()
    const error = new Error('down')
    const { run } = createScriptedDependency({
      clock: around.clock,
      script: [
        { afterMs: 30, value: 1 },
        { afterMs: 40, error },
      ],
    })
    const command = createCommand({ name: 'told', run, ...around, retry: false })
    const heard: CommandEvents['execution'][] = []
    command.on('execution', (execution) => heard.push(execution))

    for (let call = 0; call < 2; call++) {
      watch(command.outcome())
      await around.clock.advance(100)
    }

    expect(heard).toEqual([
      { outcome: 'success', durationMs: 30, error: undefined },
      { outcome: 'failure', durationMs: 40, error },
    ])
  })

  it('tell of answers that came when nobody waited any more', async () => {
    const around = world()
    const script = [{ afterMs: 3_000, value: 'late', ignoreAbort: true }]
    const { run } = createScriptedDependency({ clock: around.clock, script })
    const command = createCommand({ name: 'slow', run, ...around, retry: false })
    const heard = listenTo(command)

    watch(command.execute())
    await around.clock.advance(3_000)

    expect(heard).toEqual(['execution timeout', 'fallback missing', 'late success'])
  })

  it('change nothing when their listeners throw, which is reported', async () => {
    const reports: [unknown, string][] = []
    const stop = onInternalError((...report) => reports.push(report))
    const mistake = new Error('listener')
    const command = fragile(world())
    for (const event of EVENTS) {
      command.on(event, () => {
        throw mistake
      })
    }
    const heard = listenTo(command)

    expect([await command.execute(), await command.execute()]).toEqual(['fb', 'fb'])

    stop()
    expect(heard).toHaveLength(7)
    expect(reports).toHaveLength(7)
    expect(reports[0]).toEqual([mistake, 'command: listener of "retry"'])
    expect(command.snapshot()).toMatchObject({ exceptionsThrown: 0, inFlight: 0 })
  })

  it('reach a listener once per subscription, until that one is ended', async () => {
    const command = fragile(world(), { retry: false })
    let heard = 0
    const count = (): number => heard++
    const leave = [command.on('rejected', count), command.on('rejected', count)]
    command.breaker?.forceOpen()

    await command.execute()
    leave[0]?.()
    leave[0]?.()
    await command.execute()
    leave[1]?.()
    await command.execute()

    expect(heard).toBe(3)
  })

  it('of a shared breaker reach each command that has it', async () => {
    const around = world()
    const breaker = new CircuitBreaker({ clock: around.clock, trip: consecutiveFailures(1) })
    const commands = [fragile(around, { breaker, retry: false }), fragile(around, { breaker, retry: false })]
    const heard = commands.map(listenTo)

    await commands[0]?.execute()

    expect(heard).toEqual([
      ['transition closed open', 'execution failure', 'fallback success'],
      ['transition closed open'],
    ])
  })

  it('may be asked for where there is no breaker and no retry', async () => {
    const command = fragile(world(), { breaker: false, retry: false })
    const heard = listenTo(command)

    await command.execute()

    expect(heard).toEqual(['execution failure', 'fallback success'])
    expect(faultsIn(() => command.on('transition', 'no function' as never))).toEqual(['listener'])
  })

  it('may be answered by calls and changes of the same command', async () => {
    const around = world()
    const command = fragile(around, { retry: false })
    command.on('transition', ({ to }) => {
      if (to !== 'open') return
      command.breaker?.forceOpen()
      command.update({ fallbackLimit: 1, breaker: { openMs: 2_000 } })
      watch(command.execute())
    })
    const heard = listenTo(command)

    await command.execute()
    await command.execute()
    await around.clock.flush()

    expect(heard.slice(2).sort()).toEqual([
      'execution failure',
      'execution short_circuited',
      'fallback success',
      'fallback success',
      'rejected ERR_CIRCUIT_OPEN',
      'transition closed open',
      'transition open forced-open',
      'update',
    ])
    expect(command.snapshot()).toMatchObject({ inFlight: 0, executions: { failure: 2, short_circuited: 1 } })
  })

  it.each(['execute', 'outcome'] as const)(
    'X2: %s counts a success once when who hears of it aborts the call',
    async (how) => {
      const command = createCommand({ name: 'GetUser', run: () => Promise.resolve('Ada'), ...world() })
      const caller = new AbortController()
      command.on('execution', () => caller.abort('gone'))

      const mine = command.with({ signal: caller.signal })
      await mine[how]().catch(() => undefined)

      expect(command.snapshot()).toMatchObject({ executions: { success: 1, cancelled: 0 }, inFlight: 0 })
      expect(command.isIdle).toBe(true)
    },
  )

  it('cost a command nothing to unsubscribe from while a call is in flight', async () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, ...around, retry: false })
    const heard: string[] = []
    const leave = command.on('execution', ({ outcome }) => heard.push(outcome))

    const seen = watch(command.execute())
    leave()
    await around.clock.advance(2_000)

    expect(seen.ended).toBe('rejected')
    expect(heard).toEqual([])
  })
})
