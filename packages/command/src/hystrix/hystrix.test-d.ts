import type { CallOptions, FallbackCause, Outcome } from '@breakwater/kernel'
import { assertType, expectTypeOf, test } from 'vitest'
import { createCommand } from '../command.js'
import type { Command } from '../command-shape.js'
import { CommandRegistry } from '../command-registry.js'
import type { HystrixExecution } from './execution-view.js'
import type { HystrixCommand } from './hystrix-command.js'
import { createStreamCommand } from './stream-command.js'
import type { StreamCommand } from './stream-command.js'

interface User {
  readonly id: string
}
const getUser = createCommand({
  name: 'GetUser',
  preset: 'hystrix',
  run: async (call, id: string): Promise<User> => ({ id: call.name ?? id }),
  fallback: (cause, id) => {
    expectTypeOf(cause).toEqualTypeOf<FallbackCause>()
    expectTypeOf(id).toEqualTypeOf<string>()
    return null
  },
  cacheKey: (id) => {
    expectTypeOf(id).toEqualTypeOf<string>()
    return id
  },
  hooks: { onEmit: (execution, value) => [execution.events, value] },
})

test('a command of the preset has its arguments and answers, and its executions', () => {
  expectTypeOf(getUser).toEqualTypeOf<HystrixCommand<[id: string], User | null>>()
  expectTypeOf(getUser.execute).toEqualTypeOf<(id: string) => Promise<User | null>>()
  expectTypeOf(getUser.start('1')).toEqualTypeOf<HystrixExecution<User | null>>()
  expectTypeOf(getUser.with({ collapsed: 2 }).outcome('1')).toEqualTypeOf<Promise<Outcome<User | null>>>()
})

test('it is a command like any other', () => {
  assertType<Command<[id: string], User | null>>(getUser)
  const registry = new CommandRegistry({ define: () => getUser })
  expectTypeOf(registry.get('x').execute).parameters.toEqualTypeOf<[id: string]>()
  assertType<(options: CallOptions) => unknown>(getUser.with)
})

test('a command without the preset has none of it', () => {
  const standard = createCommand({ name: 'standard', run: () => 1 })
  expectTypeOf(standard).toEqualTypeOf<Command<[], number>>()
  // @ts-expect-error: only executions of the preset can be started by hand
  standard.start()
})

test('properties have the names and types of Hystrix', () => {
  getUser.update({ properties: { 'execution.isolation.strategy': 'SEMAPHORE' }, threadPool: { coreSize: 3 } })
  // @ts-expect-error: a flag is a boolean
  getUser.update({ properties: { 'circuitBreaker.forceOpen': 'yes' } })
  // @ts-expect-error: no such property
  getUser.update({ properties: { 'circuitBreaker.forcedOpen': true } })
  // @ts-expect-error: no such line
  createCommand({ name: 'x', preset: 'hystrix', run: () => 1, compat: 'hystrix-1.5.12' })
  expectTypeOf(getUser.metrics().properties['fallback.enabled']).toEqualTypeOf<boolean>()
})

test('a stream command answers an iterable of what its work and its fallback give', () => {
  const count = createStreamCommand({
    name: 'count',
    run: async function* (_call, end: number) {
      for (let number = 0; number < end; number++) yield number
    },
    fallback: (cause, end) => [cause.kind, String(end)],
  })
  expectTypeOf(count).toEqualTypeOf<StreamCommand<[end: number], number | string>>()
  assertType<AsyncIterable<number | string>>(count.execute(3))
})
