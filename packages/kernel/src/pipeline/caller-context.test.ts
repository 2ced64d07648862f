import { createHook } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { callerContext } from './caller-context.js'

it('the context of a caller is shown to tools by our name, as triggered by nothing', () => {
  const seen: unknown[] = []
  const hook = createHook({ init: (_id, type, triggerId) => void seen.push([type, triggerId]) }).enable()
  callerContext()
  hook.disable()

  expect(seen).toContainEqual(['BreakwaterCall', 0])
})
