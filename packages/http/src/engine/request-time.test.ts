/** The time of the request that is served is a limit of the policies and of each attempt: whose timer is the first must not matter. */
import { withRequestContext } from '@breakwater/kernel'
import { expect, it, onTestFinished, vi } from 'vitest'
import { PretendTransport } from './engine.model.js'

it.each([0, 0.4, 0.8])(
  'an instance that has not answered in time is told so, when each look at the clock takes %s ms',
  async (lookMs) => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    let nowMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += lookMs))
    const transport = new PretendTransport([{ afterMs: 0, how: 'never' }], 2)

    const seen = withRequestContext(() => transport.ask('GET'), { budgetMs: 50 })
    await transport.clock.advance(50)

    expect(seen).toMatchObject({ ends: 1, error: { code: 'ERR_DEADLINE_EXCEEDED' } })
    expect(transport.attempts).toMatchObject([{ isOver: true }])
    expect(transport.client.snapshot().services[0]).toMatchObject({
      balancer: { calls: { timeout: 1, cancelled: 0, failure: 0 } },
      command: { executions: { timeout: 1, cancelled: 0 }, inFlight: 0 },
    })
  },
)

it('without any left no instance is chosen, and the breaker is not asked', async () => {
  const transport = new PretendTransport([{ afterMs: 0, how: 200 }], 2)

  const seen = withRequestContext(() => transport.ask('GET'), { budgetMs: 0 })
  await transport.clock.advance(1)

  expect(seen).toMatchObject({ ends: 1, error: { code: 'ERR_DEADLINE_EXCEEDED' } })
  expect(transport.attempts).toEqual([])
  expect(transport.client.snapshot().services[0]?.command).toMatchObject({
    executions: { timeout: 1 },
    breaker: { total: 0 },
  })
})
