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

// Apart, for the same reason.
function runThatIsOver(): WeakRef<SharedRun> {
  const run = new SharedRun()
  run.work(() => 'answer')
  run.end()
  return new WeakRef(run)
}

it.each(['goes on', 'is over'])(
  'lets go of the runs that began and ended in the context of one that %s',
  async (how) => {
    const around = new SharedRun()
    const context = around.work(() => AsyncLocalStorage.snapshot())
    if (how === 'is over') around.end()

    const run = context(runThatIsOver)
    await collectGarbage()

    expect(run.deref()).toBeUndefined()
    expect(around).toBeInstanceOf(SharedRun)
  },
)

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
