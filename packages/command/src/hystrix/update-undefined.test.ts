import { createRuntime } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { never } from '../command.model.js'
import type { HystrixTuning } from './hystrix-options.js'
import { hystrixProperties } from './hystrix-properties.js'
import { createStreamCommand } from './stream-command.js'

const TIMEOUT = 'execution.isolation.thread.timeoutInMilliseconds'
const FALLBACKS = 'fallback.isolation.semaphore.maxConcurrentRequests'
// The types forbid it, and who writes JavaScript does it all the same.
const empty = (options: object): HystrixTuning => options

describe('an update of the preset with undefined', () => {
  it('takes back what the code said, and nothing else', () => {
    const runtime = createRuntime()
    runtime.configure(hystrixProperties({ [`hystrix.command.default.${TIMEOUT}`]: 700 }))
    using command = createCommand({
      ...{ name: 'A', preset: 'hystrix', runtime, timeoutMs: 300, fallbackLimit: 3 },
      properties: { 'circuitBreaker.forceOpen': true },
      threadPool: { coreSize: 4 },
      run: never,
    })

    command.update({ timeoutMs: undefined })
    expect(command.metrics().properties).toMatchObject({ [TIMEOUT]: 700, [FALLBACKS]: 3 })
    expect(command.breaker.state).toBe('forced-open')

    command.update({ fallbackLimit: undefined })
    command.update(empty({ properties: { 'circuitBreaker.forceOpen': undefined } }))
    command.update(empty({ threadPool: { coreSize: undefined } }))
    expect(command.metrics().properties).toMatchObject({ [FALLBACKS]: 10 })
    expect(command.breaker.state).toBe('closed')
    expect(command.bulkhead.snapshot().limit).toBe(10)
  })

  it('ends a time that was switched off, and keeps one that was given before it', () => {
    using command = createCommand({ name: 'A', preset: 'hystrix', runtime: createRuntime(), run: never })

    command.update({ timeoutMs: 300 })
    command.update({ timeoutMs: false })
    expect(command.snapshot().attemptTimeoutMs).toBeUndefined()
    command.update({ properties: { 'execution.timeout.enabled': true } })
    expect(command.snapshot().attemptTimeoutMs).toBe(300)

    command.update({ timeoutMs: false })
    command.update({ timeoutMs: undefined })
    expect(command.snapshot().attemptTimeoutMs).toBe(1_000)
  })

  it('leaves to streams what is usual for them, and alone what is read once', () => {
    using stream = createStreamCommand({
      ...{ name: 'S', runtime: createRuntime(), run: () => [1] },
      properties: { 'execution.isolation.strategy': 'THREAD', 'metrics.rollingStats.numBuckets': 5 },
    })

    stream.update(empty({ properties: { 'execution.isolation.strategy': undefined } }))
    stream.update(empty({ properties: { 'metrics.rollingStats.numBuckets': undefined } }))

    expect(stream.metrics().properties).toMatchObject({
      'execution.isolation.strategy': 'SEMAPHORE',
      'metrics.rollingStats.numBuckets': 5,
    })
  })
})
