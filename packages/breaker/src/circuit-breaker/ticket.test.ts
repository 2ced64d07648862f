import { describe, expect, it } from 'vitest'
import { Ticket, wasSlow } from './ticket.js'

const watcher = { becameSlow: () => undefined }
const admitted = (measuredMs?: number): Ticket => {
  const ticket = new Ticket(100, watcher)
  ticket.measuredMs = measuredMs
  return ticket
}

describe('the ticket of an admitted call', () => {
  it('is an ordinary one that holds nothing and has been heard of by nobody', () => {
    expect(new Ticket(100, watcher)).toMatchObject({
      ...{ admittedAt: 100, role: 'ordinary', expiresAt: 0, isLive: true, isCountedSlow: false },
      ...{
        isHeard: false,
        generation: 0,
        timeoutMs: undefined,
        measuredMs: undefined,
        outlivesRefusal: false,
      },
    })
    expect(new Ticket(100, watcher, true).outlivesRefusal).toBe(true)
  })

  it('tells who watches it that its call became slow', () => {
    const slow: Ticket[] = []
    const ticket = new Ticket(100, { becameSlow: (one) => slow.push(one) })
    ticket.expire()

    expect(slow).toEqual([ticket])
  })
})

describe('a call was slow', () => {
  it('when it took longer than allowed, where that was measured', () => {
    expect([49, 50, 51].map((ms) => wasSlow(admitted(ms), 'success', 1_000, 50))).toEqual([
      false,
      false,
      true,
    ])
    expect(wasSlow(admitted(10), 'timeout', 1_000, 50)).toBe(false)
  })

  it('when its time ran out no earlier than that, where it was not', () => {
    expect([149, 150].map((now) => wasSlow(admitted(), 'timeout', now, 50))).toEqual([false, true])
  })

  it.each([1, 3])('at the same time, however that rounds (%d)', (ulps) => {
    const startedAt = 16_284 + ulps * 2 ** -39
    const endsAt = startedAt + 200
    const measured = new Ticket(startedAt, watcher)
    measured.measuredMs = endsAt - startedAt

    expect(wasSlow(new Ticket(startedAt, watcher), 'timeout', endsAt, 200)).toBe(true)
    expect(wasSlow(measured, 'success', endsAt, 200)).toBe(false)
  })

  it.each(['success', 'failure', 'rejected', 'cancelled', 'ignored'] as const)(
    'never because it ends late with %s: a stalled loop is not its fault',
    (kind) => {
      expect(wasSlow(admitted(), kind, 10_000, 50)).toBe(false)
    },
  )

  it('never without a ticket, or where nothing is slow', () => {
    expect([wasSlow(null, 'timeout', 1_000, 50), wasSlow(admitted(60), 'timeout', 1_000, undefined)]).toEqual(
      [false, false],
    )
  })
})
