import { AsyncLocalStorage } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openRequestScope, SharedRun } from '@breakwater/kernel'
import type { RequestScope } from '@breakwater/kernel'
import { expect, it } from 'vitest'
import { startRuns, turn } from '../load.model.js'
import { RequestCache } from './request-cache.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** A turn of the loop first: until then, what was looked at is held by the engine itself. */
async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await turn()
    gc()
  }
}

// Apart, so that no frame of the test holds the answer.
async function keepAnswer(cache: RequestCache, scope: RequestScope): Promise<WeakRef<object>> {
  return new WeakRef(await scope.run(() => cache.load('big', () => ({ size: 'big' }))))
}

type Name = 'outer' | 'inner'

// Apart, for the same reason: one run begins another, they end as said, and only the context of one is kept.
function keepContext(kept: Name, ends: readonly Name[]): { context: unknown; other: WeakRef<SharedRun> } {
  const runs = { outer: new SharedRun(), inner: new SharedRun() }
  const contexts = runs.outer.work(() => ({
    outer: AsyncLocalStorage.snapshot(),
    inner: runs.inner.work(() => AsyncLocalStorage.snapshot()),
  }))
  for (const name of ends) runs[name].end()
  return { context: contexts[kept], other: new WeakRef(runs[kept === 'outer' ? 'inner' : 'outer']) }
}

it.each<[string, Name, Name[]]>([
  ['began in it and is over', 'outer', ['inner']],
  ['began in it and ended after it', 'outer', ['outer', 'inner']],
  ['began it, when it is over', 'inner', ['inner']],
  ['began it and is over', 'inner', ['outer']],
])('the context of a run lets go of one that %s', async (_what, kept, ends) => {
  const { context, other } = keepContext(kept, ends)
  await collectGarbage()

  expect(other.deref()).toBeUndefined()
  expect(context).toBeInstanceOf(Function)
})

it('M4: an answer is let go when its request ends, though a call of that request still runs', async () => {
  const cache = new RequestCache()
  const scope = openRequestScope()
  const runs = startRuns()
  const answer = await keepAnswer(cache, scope)
  const slow = scope.run(() => cache.load('slow', runs.work))
  await collectGarbage()
  expect(answer.deref()).toBeDefined()

  scope.end()
  await collectGarbage()

  expect(answer.deref()).toBeUndefined()
  await runs.answer(0, 'late')
  expect(await slow).toBe('late')
})
