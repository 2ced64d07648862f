import { BulkheadFullError, CallTimeoutError } from '@breakwater/kernel'
import type { FallbackCause } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import type { HystrixRuntimeError } from './hystrix-errors.js'
import { HystrixBadRequestError, UnsupportedOperationError } from './hystrix-errors.js'
import { watched } from './hystrix.model.js'
import type { Step } from './hystrix.model.js'

const boom = new Error('boom')
const LINES = [undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}

describe('a fallback', () => {
  it('#1788 #1313: knows why it is asked, and gets the arguments', async () => {
    const { command, clock } = watched()
    const causes: FallbackCause[] = []
    const fallback = (cause: FallbackCause, step: Step): unknown => {
      causes.push(cause)
      return step.returns
    }
    const asked = command({ fallback, timeoutMs: 100, threadPool: { coreSize: 1 } }, false)
    expect(await asked.execute({ throws: boom, returns: 'mine' })).toBe('mine')
    const slow = asked.execute({ afterMs: 500, isDeaf: true })
    await clock.advance(100)
    await slow
    await asked.execute({})
    asked.update({ properties: { 'circuitBreaker.forceOpen': true } })
    await asked.execute({})
    expect(causes.map(({ kind, policy, attempt }) => [kind, policy, attempt])).toEqual([
      ['failure', undefined, 1],
      ['timeout', 'timeout', 1],
      ['rejected', 'bulkhead', 1],
      ['rejected', 'breaker', 1],
    ])
    expect(causes[0]?.error).toBe(boom)
  })

  it('that fails leaves both errors to the caller', async () => {
    const { command, heard } = watched()
    const worse = new Error('worse')
    const error = await thrownBy(command().execute({ throws: boom }, { throws: worse }))
    expect(error).toMatchObject({
      ...{ failureType: 'COMMAND_EXCEPTION', message: 'A failed and fallback failed.' },
      ...{ cause: boom, fallbackError: worse, code: 'ERR_HYSTRIX_RUNTIME', status: 503 },
    })
    expect(heard).toEqual(['FAILURE', 'FALLBACK_FAILURE', 'EXCEPTION_THROWN'])
    expect((error as HystrixRuntimeError).toJSON()).toMatchObject({
      reason: 'COMMAND_EXCEPTION',
      fallbackError: { message: 'worse' },
    })
  })

  it('that is switched off is not asked', async () => {
    const { command, heard } = watched()
    const asked = command({ properties: { 'fallback.enabled': false } })
    const execution = asked.start({ throws: boom })
    expect(await thrownBy(execution.result)).toMatchObject({ message: 'A failed and fallback disabled.' })
    expect(execution.events).toEqual(['FAILURE'])
    expect(heard).toEqual(['FAILURE', 'FALLBACK_DISABLED', 'EXCEPTION_THROWN'])
  })

  it.each(LINES)(
    '#1835 #2019: is refused over its limit, with the reason in our own line (%s)',
    async (compat) => {
      const { command, clock, hooks } = watched()
      const asked = command({ compat, fallbackLimit: 1 })
      void asked.outcome({ throws: boom }, { afterMs: 300 })
      await clock.advance(100)
      hooks.length = 0
      const execution = asked.start({ throws: boom })
      const error = await thrownBy(execution.result)
      expect(error).toMatchObject({
        failureType: 'REJECTED_SEMAPHORE_FALLBACK',
        message: 'A fallback execution rejected.',
      })
      expect((error as Error).cause).toBe(compat === undefined ? boom : undefined)
      expect(execution.events).toEqual(['FAILURE', 'FALLBACK_REJECTION'])
      expect(hooks.some((hook) => hook.startsWith('onError'))).toBe(false)
      await clock.advance(300)
      expect(await asked.execute({ throws: boom })).toBe('fb')
    },
  )

  it.each(LINES)('is not asked after an overflow of the stack (%s)', async (compat) => {
    const { command } = watched()
    const forever = (): number => forever() + 1
    const asked = command({ compat, hooks: { onExecutionStart: () => void forever() } })
    const execution = asked.start({})
    expect(await thrownBy(execution.result)).toMatchObject({
      message: 'A failed and encountered unrecoverable error.',
    })
    expect(execution.events).toEqual(['FAILURE'])
  })

  it.each(LINES)('stands behind an error that is not to be wrapped, but in 1.5.18 (%s)', async (compat) => {
    const { command } = watched()
    const asked = command({ compat, notWrapped: (error) => error === boom })
    const execution = asked.start({ throws: boom })
    const isClassic = compat === 'hystrix-1.5.18'
    expect(await thrownBy(execution.result)).toBe(isClassic ? boom : 'nothing')
    expect(execution.events).toEqual(isClassic ? ['FAILURE'] : ['FAILURE', 'FALLBACK_SUCCESS'])
    expect(await thrownBy(asked.execute({ throws: boom }, { throws: new Error('x') }))).toBe(boom)
  })

  it('gives the error inside of a bad request that is not to be wrapped', async () => {
    const { command } = watched()
    const asked = command({ notWrapped: (error) => error === boom })
    expect(
      await thrownBy(asked.execute({ throws: new HystrixBadRequestError('bad', { cause: boom }) })),
    ).toBe(boom)
  })

  it('is missing as Hystrix says it in its lines, and simply not there in ours', async () => {
    for (const compat of LINES) {
      const { command } = watched()
      const error = await thrownBy(command({ compat }, false).execute({ throws: boom }))
      expect(error).toMatchObject({ message: 'A failed and no fallback available.', cause: boom })
      const { fallbackError } = error as HystrixRuntimeError
      expect(fallbackError instanceof UnsupportedOperationError).toBe(compat !== undefined)
    }
  })

  it('that a user calls unsupported is missing in the lines of Hystrix only', async () => {
    for (const compat of LINES) {
      const { command } = watched()
      const execution = command({ compat }).start(
        { throws: boom },
        { throws: new UnsupportedOperationError('no') },
      )
      await thrownBy(execution.result)
      expect(execution.events).toEqual([
        'FAILURE',
        compat === undefined ? 'FALLBACK_FAILURE' : 'FALLBACK_MISSING',
      ])
    }
  })
})

describe('errors of the work that look like ours', () => {
  it.each([
    [new BulkheadFullError('mine'), 'THREAD_POOL_REJECTED'],
    [new CallTimeoutError('mine'), 'TIMEOUT'],
  ] as const)(
    'are failures in our own line, and what they say in those of Hystrix (%s)',
    async (error, event) => {
      for (const compat of LINES) {
        const { command } = watched()
        const execution = command({ compat }).start({ throws: error })
        expect(await execution.result).toBe('fb')
        expect(execution.events[0]).toBe(compat === undefined ? 'FAILURE' : event)
        expect(execution.isExecutedInThread).toBe(true)
      }
    },
  )
})
