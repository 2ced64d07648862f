/**
 * The success and failure events of a cockatiel 4 bulkhead never fire: it goes past the executor that would fire them
 * (reproduced). Ours tells what only it knows, who was refused and who waits, and counts the rest.
 */
import { Bulkhead } from '@breakwater/breaker'
import { guard, pipeline } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { failing, hanging } from '../calls.model.js'

test('a bulkhead tells who waits and who is refused, and everything beside it hears how calls end', async () => {
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 } })
  const events: unknown[] = []
  bulkhead.on('queued', ({ size }) => events.push(['queued', size]))
  bulkhead.on('rejected', ({ reason }) => events.push(['rejected', reason]))
  const heard = guard({ enter: () => undefined, exit: (_call, { kind }) => events.push(kind) })
  const stack = pipeline(heard, bulkhead)

  await stack.outcome(() => 'fine')
  await stack.outcome(failing)
  for (let call = 0; call < 3; call++) void stack.outcome(hanging)

  expect(events).toEqual(['success', 'failure', ['queued', 1], ['rejected', 'queue_full'], 'rejected'])
  expect(bulkhead.snapshot()).toMatchObject({ running: 1, queued: 1, rejections: { queue_full: 1 } })
})
