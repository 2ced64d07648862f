import { createRuntime, ENDED_AS } from '@breakwater/kernel'
import { expect, it } from 'vitest'
import { createCommand } from './command.js'

it.each([
  ['cancelled', 'cancelled', 0],
  ['timeout', 'timeout', 1],
  ['ignored', 'bad_request', 0],
  ['failure', 'failure', 1],
] as const)(
  'work that says that it ended as %s is counted so, whatever `ignore` says',
  async (kind, counted, failures) => {
    const command = createCommand({
      name: 'Send',
      runtime: createRuntime(),
      retry: false,
      timeoutMs: false,
      attemptTimeoutMs: false,
      ignore: () => true,
      run: () => Promise.reject(Object.defineProperty(new Error(kind), ENDED_AS, { value: kind })),
    })

    const outcome = await command.execute().catch((error: unknown) => error)

    expect((outcome as Error).message).toBe(kind)
    expect(command.snapshot().executions[counted]).toBe(1)
    expect(command.breaker?.snapshot().failures).toBe(failures)
  },
)

it('work that fails with what nothing can be asked of fails as any other, and gives its slot back', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const command = createCommand({
    name: 'Revoked',
    runtime: createRuntime(),
    retry: false,
    bulkhead: { limit: 1 },
    run: (_call, isAtOnce: boolean) => {
      if (isAtOnce) throw proxy
      return Promise.reject(proxy)
    },
  })

  const kinds = [(await command.outcome(true)).kind, (await command.outcome(false)).kind]

  expect(kinds).toEqual(['failure', 'failure'])
  expect(command.snapshot().executions.failure).toBe(2)
  expect(command.snapshot().inFlight).toBe(0)
})
