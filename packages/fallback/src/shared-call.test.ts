import type { Call } from '@breakwater/kernel'
import { describe, expect, it, vi } from 'vitest'
import { SharedCall } from './shared-call.js'

/** A caller who can be made to leave, and whose listeners are counted. */
function caller(deadline?: number): {
  call: Call
  leave: (reason: unknown) => void
  listeners: () => number
} {
  const controller = new AbortController()
  const { signal } = controller
  const add = vi.spyOn(signal, 'addEventListener')
  const remove = vi.spyOn(signal, 'removeEventListener')
  return {
    call: { name: 'users', attempt: 2, signal, deadline, remainingMs: () => Infinity },
    leave: (reason) => controller.abort(reason),
    listeners: () => add.mock.calls.length - remove.mock.calls.length,
  }
}

const shared = (first: Call, abandoned = (): void => {}): SharedCall =>
  new SharedCall(first, () => 10, abandoned)

describe('a shared call', () => {
  it('has the name and the attempt of the first', () => {
    const { call } = caller()

    expect(shared(call)).toMatchObject({ name: 'users', attempt: 2 })
  })

  it.each(['left', 'ended'] as const)('keeps the time of the most patient when all have %s', (how) => {
    const [one, other] = [caller(7), caller(8)]
    const call = shared(one.call)
    call.admit(one.call)
    call.admit(other.call)

    if (how === 'ended') call.end()
    for (const { leave } of how === 'left' ? [one, other] : []) leave('over')

    expect([call.deadline, call.remainingMs()]).toEqual([8, 0])
  })

  it('ends with the last who leaves, for his reason, and tells of it before the work hears', () => {
    const order: string[] = []
    const [one, other] = [caller(), caller()]
    const call = shared(one.call, () => order.push('abandoned'))
    call.signal.addEventListener('abort', () => order.push(`work: ${String(call.signal.reason)}`))
    const left = vi.fn()
    call.admit(one.call, left)
    call.admit(other.call)

    one.leave('first')
    expect(left).toHaveBeenCalledTimes(1)
    expect(order).toEqual([])
    other.leave('last')

    expect(order).toEqual(['abandoned', 'work: last'])
  })

  it('whose work asks late for the signal, finds it aborted', () => {
    const one = caller()
    const call = shared(one.call)
    call.admit(one.call)

    one.leave('bye')

    expect(call.signal.reason).toBe('bye')
  })

  it('that has ended, cannot be left, and listens to nobody', () => {
    const abandoned = vi.fn()
    const all = [caller(), caller()]
    const call = shared(all[0]!.call, abandoned)
    for (const { call: one } of all) call.admit(one)
    expect(all.map(({ listeners }) => listeners())).toEqual([1, 1])

    call.end()
    for (const { leave } of all) leave('late')

    expect(all.map(({ listeners }) => listeners())).toEqual([0, 0])
    expect(abandoned).not.toHaveBeenCalled()
    expect(call.signal.aborted).toBe(false)
  })

  it('has the time of the most patient who wait', () => {
    const [short, long, patient] = [caller(20), caller(50), caller()]
    const call = shared(short.call)
    const time = (): unknown => [call.deadline, call.remainingMs()]

    call.admit(short.call)
    expect(time()).toEqual([20, 10])
    call.admit(long.call)
    expect(time()).toEqual([50, 40])
    call.admit(patient.call)
    expect(time()).toEqual([undefined, Infinity])
    patient.leave('bye')
    expect(time()).toEqual([50, 40])
  })
})
