import { expect, test } from 'vitest'
import { TallyKeeper } from './tally.ts'
import type { Answer } from './tally.ts'

const PAGE = {
  user: { from: 'upstream', by: 'users-1', attempt: 1 },
  orders: { from: 'upstream', by: 'orders-1', attempt: 1 },
  prices: { from: 'upstream', by: 'prices-1', attempt: 1 },
}

test('counts each part of a page by who answered it', () => {
  const tally = new TallyKeeper(500)

  tally.answered(answer({ body: page({ user: { from: 'fallback', because: 'timeout' } }) }))
  tally.answered(answer({ body: page({ user: { from: 'fallback', because: 'rejected' } }) }))
  tally.answered(answer({ body: page({}) }))

  const { users, orders } = tally.result().commands
  expect(users.answers).toEqual({ upstream: 1, failure: 0, timeout: 1, rejected: 1 })
  expect(orders.answers).toEqual({ upstream: 3, failure: 0, timeout: 0, rejected: 0 })
})

test('remembers over time which instance answered, at which attempt, and what it was told', () => {
  const tally = new TallyKeeper(500)
  const orders = { from: 'upstream', by: 'orders-2', attempt: 2, leftMs: 215 }

  tally.answered(answer({ sentAt: 1_000 }))
  tally.answered(answer({ sentAt: 2_000, body: page({ orders }) }))

  expect(tally.result().commands.orders.timeline).toMatchObject([
    { at: 1_000, by: { 'orders-1': 1 }, retried: 0, left: { untold: 1 } },
    { at: 2_000, by: { 'orders-2': 1 }, retried: 1, left: { mostLater: 215, untold: 0 } },
  ])
})

test('remembers when the last fallback was needed', () => {
  const tally = new TallyKeeper(500)

  tally.answered(
    answer({ sentAt: 100, latencyMs: 20, body: page({ orders: { from: 'fallback', because: 'failure' } }) }),
  )
  tally.answered(answer({ sentAt: 900 }))

  expect(tally.result().commands.orders.lastFallbackAt).toBe(120)
  expect(tally.result().commands.users.lastFallbackAt).toBeUndefined()
})

test('calls an answer late that took longer than its budget and the lag of who measured it', () => {
  const tally = new TallyKeeper(500)

  tally.answered(answer({ latencyMs: 500, lagMs: 0 }))
  tally.answered(answer({ latencyMs: 540, lagMs: 40 }))
  expect(tally.result()).toMatchObject({ late: 0, latestByMs: 0 })
  tally.answered(answer({ latencyMs: 541, lagMs: 40 }))

  expect(tally.result()).toMatchObject({
    late: 1,
    latestByMs: 1,
    lateAnswers: [{ sentAt: 0, endedAt: 541, overMs: 1 }],
  })
})

test.each([
  ['no JSON', '<html>'],
  ['no object', 'null'],
  ['a part that is missing', JSON.stringify({ ...PAGE, prices: undefined })],
  ['a part from nobody', page({ prices: {} })],
  ['an answer of nobody knows whom', page({ prices: { from: 'upstream', attempt: 1 } })],
  ['a part from somebody else', page({ prices: { from: 'cache', because: 'timeout' } })],
  ['a fallback without a known reason', page({ prices: { from: 'fallback', because: 'upstream' } })],
])('counts %s as malformed, and for no command', (_what, body) => {
  const tally = new TallyKeeper(500)

  tally.answered(answer({ body }))

  const { malformed, commands } = tally.result()
  expect(malformed).toBe(1)
  expect(commands.users.answers.upstream).toBe(0)
})

test('counts what was sent, left out and lost', () => {
  const tally = new TallyKeeper(500)

  tally.requestSent(3)
  tally.requestSent(0)
  tally.requestSkipped()
  tally.requestLost('ECONNRESET')
  tally.answered(answer({ status: 503 }))

  expect(tally.result()).toMatchObject({
    sent: 2,
    skipped: 1,
    lost: { ECONNRESET: 1 },
    statuses: { 503: 1 },
    sendLag: { max: 3 },
  })
})

function page(parts: Record<string, unknown>): string {
  return JSON.stringify({ ...PAGE, ...parts })
}

function answer(given: Partial<Answer>): Answer {
  return { status: 200, body: JSON.stringify(PAGE), sentAt: 0, latencyMs: 10, lagMs: 0, ...given }
}
