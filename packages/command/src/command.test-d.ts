import { Retry } from '@breakwater/breaker'
import type { Call, Outcome } from '@breakwater/kernel'
import { assertType, expectTypeOf, test } from 'vitest'
import { createCommand } from './command.js'
import type { Command, Executable } from './command-shape.js'
import { CommandRegistry } from './command-registry.js'

interface User {
  readonly id: string
}

const getUser = createCommand({
  name: 'GetUser',
  run: async (call, id: string, fresh?: boolean): Promise<User> => ({
    id: fresh === true ? (call.name ?? id) : id,
  }),
})

test('a command takes the arguments of its work, without the call', () => {
  expectTypeOf(getUser.execute).parameters.toEqualTypeOf<[id: string, fresh?: boolean | undefined]>()
  expectTypeOf(getUser.outcome).parameters.toEqualTypeOf<[id: string, fresh?: boolean | undefined]>()
  expectTypeOf(createCommand({ name: 'none', run: () => 1 }).execute).parameters.toEqualTypeOf<[]>()
})

test('a command answers what its work answers', () => {
  expectTypeOf(getUser.execute).returns.toEqualTypeOf<Promise<User>>()
  expectTypeOf(getUser.outcome).returns.toEqualTypeOf<Promise<Outcome<User>>>()
  expectTypeOf(getUser).toEqualTypeOf<Command<[id: string, fresh?: boolean | undefined], User>>()
})

test('a bare value, a promise and a thenable give the same command', () => {
  const thenable = (): PromiseLike<number> => Promise.resolve(1)
  expectTypeOf(createCommand({ name: 'value', run: () => 1 }).execute()).toEqualTypeOf<Promise<number>>()
  expectTypeOf(createCommand({ name: 'promise', run: async () => 1 }).execute()).toEqualTypeOf<
    Promise<number>
  >()
  expectTypeOf(createCommand({ name: 'thenable', run: thenable }).execute()).toEqualTypeOf<Promise<number>>()
})

test('the work gets the call', () => {
  createCommand({
    name: 'call',
    run: (call) => {
      expectTypeOf(call).toEqualTypeOf<Call>()
    },
  })
})

test('a fallback gets the cause and the arguments, and widens the answer', () => {
  const command = createCommand({
    name: 'GetUser',
    run: async (_call, id: string): Promise<User> => ({ id }),
    fallback: async (cause, id) => {
      expectTypeOf(cause.error).toEqualTypeOf<unknown>()
      expectTypeOf(cause.attempt).toEqualTypeOf<number>()
      expectTypeOf(id).toEqualTypeOf<string>()
      return null
    },
  })

  expectTypeOf(command.execute).returns.toEqualTypeOf<Promise<User | null>>()
  expectTypeOf(command.execute).parameters.toEqualTypeOf<[id: string]>()
})

test('a fallback may take fewer arguments, and the rest of a list', () => {
  const some = createCommand({
    name: 'some',
    run: (_call, a: string, b: number) => a + String(b),
    fallback: (_cause, a) => a,
  })
  const list = createCommand({
    name: 'list',
    run: (_call, ...ids: number[]) => ids,
    fallback: (_cause, ...ids) => ids,
  })

  expectTypeOf(some.execute).parameters.toEqualTypeOf<[a: string, b: number]>()
  expectTypeOf(some.execute).returns.toEqualTypeOf<Promise<string>>()
  expectTypeOf(list.execute).parameters.toEqualTypeOf<number[]>()
  expectTypeOf(list.execute).returns.toEqualTypeOf<Promise<number[]>>()
})

test('a function of your own can pass arguments of any type on', () => {
  function guarded<A extends unknown[]>(run: (call: Call, ...args: A) => number): Command<A, number> {
    return createCommand({ name: 'guarded', run, fallback: (_cause, ...args) => args.length })
  }

  const run = (_call: Call, name: string, born: Date): number => name.length + born.getTime()

  expectTypeOf(guarded(run).execute).parameters.toEqualTypeOf<[name: string, born: Date]>()
})

test('a fallback that answers like the work does not widen', () => {
  const command = createCommand({ name: 'same', run: async () => 'fresh', fallback: () => 'stale' })

  expectTypeOf(command.execute()).toEqualTypeOf<Promise<string>>()
})

test('a fallback that only throws does not widen', () => {
  const command = createCommand({
    name: 'never',
    run: () => 1,
    fallback: () => {
      throw new Error('better words')
    },
  })

  expectTypeOf(command.execute()).toEqualTypeOf<Promise<number>>()
})

test('with() keeps the arguments and the answer', () => {
  const hurried = getUser.with({ signal: AbortSignal.abort(), budgetMs: 100 })

  expectTypeOf(hurried).toEqualTypeOf<Executable<[id: string, fresh?: boolean | undefined], User>>()
  expectTypeOf(hurried.execute('42')).toEqualTypeOf<Promise<User>>()
})

test('wrong arguments and options are errors', () => {
  // @ts-expect-error a number is no id
  void getUser.execute(42)
  // @ts-expect-error there is no third argument
  void getUser.with({}).execute('42', true, 1)
  // @ts-expect-error an id is needed
  void getUser.outcome()
  // @ts-expect-error the budget has its unit in its name
  getUser.with({ budget: 5 })
  // @ts-expect-error the name and the work cannot be changed
  getUser.update({ name: 'other' })
  // @ts-expect-error a command has a name
  createCommand({ run: () => 1 })
  // @ts-expect-error a retry is no breaker
  createCommand({ name: 'mixed up', run: () => 1, breaker: new Retry() })
})

test('events carry what they are about', () => {
  getUser.on('execution', ({ outcome, durationMs }) => {
    assertType<string>(outcome)
    expectTypeOf(durationMs).toEqualTypeOf<number | undefined>()
  })
  getUser.on('transition', ({ from, to }) => assertType<string[]>([from, to]))
  getUser.on('retry', ({ delayMs }) => assertType<number>(delayMs))
  // @ts-expect-error there is no such event
  getUser.on('exploded', () => undefined)
})

test('a registry gives commands as they are defined', () => {
  const byHost = new CommandRegistry({
    define: (host) =>
      createCommand({ name: host, run: (_call, path: string) => path.length, fallback: () => null }),
  })

  const plain = new CommandRegistry({
    define: (name) => createCommand({ name, run: async (_call, path: string) => path }),
  })

  expectTypeOf(byHost.get('a')).toEqualTypeOf<Command<[path: string], number | null>>()
  expectTypeOf(plain.get('a')).toEqualTypeOf<Command<[path: string], string>>()
})
