// Runs inside the temporary project of `test-pack.js`; its arguments are the names of the packages installed there.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

for (const name of process.argv.slice(2)) {
  const esm = await import(name)
  const cjs = require(name)
  const names = Object.keys(esm).sort()
  assert.ok(names.length > 0, `${name} exports nothing`)
  assert.deepEqual(Object.keys(cjs).sort(), names, `${name}: the two copies export different names`)
  assert.equal(require(`${name}/package.json`).name, name)
  console.log(`${name}: ${names.length} exports, the same by import and by require`)
}

const esm = await import('@breakwater/kernel')
const cjs = require('@breakwater/kernel')
assert.notEqual(esm.CircuitOpenError, cjs.CircuitOpenError, 'one copy only: this test would prove nothing')

for (const [thrower, reader] of [
  [cjs, esm],
  [esm, cjs],
]) {
  const error = new thrower.CircuitOpenError('users is open')
  assert.ok(reader.isBreakwaterError(error), 'an error of the other copy is not recognised')
  assert.ok(error instanceof reader.CircuitOpenError, 'instanceof does not agree between the copies')
  assert.ok(!reader.isBreakwaterError(new Error('foreign')))
}
assert.equal(cjs.defaultRuntime(), esm.defaultRuntime(), 'each copy has a default runtime of its own')
console.log('errors and the default runtime are shared by the ESM and the CommonJS copy')

const { pipeline } = esm
const ours = await import('@breakwater/breaker')
const theirs = require('@breakwater/breaker')
const { createCommand } = await import('@breakwater/command')

const makers = {
  breaker: ({ CircuitBreaker }) => new CircuitBreaker(),
  bulkhead: ({ Bulkhead }) => new Bulkhead(),
  limiter: ({ AdaptiveLimiter }) => new AdaptiveLimiter(),
  rate: ({ RateLimiter }) => new RateLimiter({ rate: 5 }),
  retry: ({ Retry, RetryBudget }) => new Retry({ budget: new RetryBudget() }),
  hedge: ({ Hedge }) => new Hedge({ delayMs: 1_000 }),
  timeout: ({ Timeout }) => new Timeout({ timeoutMs: 1_000 }),
}
const composed = (one, other) => {
  try {
    return pipeline(one, other).describe().length
  } catch (error) {
    return error.message
  }
}
for (const [outer, make] of Object.entries(makers)) {
  for (const [inner, makeOther] of Object.entries(makers)) {
    const alone = composed(make(ours), makeOther(ours))
    assert.equal(composed(make(ours), makeOther(theirs)), alone, `${outer} around ${inner} of the other copy`)
    assert.equal(
      composed(make(theirs), makeOther(ours)),
      alone,
      `${inner} inside of ${outer} of the other copy`,
    )
  }
}

const { breaker, bulkhead, limiter, rate, retry, hedge } = makers
for (const [key, make] of Object.entries({ breaker, bulkhead, rate, retry, hedge }))
  createCommand({ name: key, run: () => 'answer', [key]: make(theirs) }).dispose()
createCommand({ name: 'limiter', run: () => 'answer', bulkhead: limiter(theirs) }).dispose()
assert.ok(new ours.Retry({ budget: new theirs.RetryBudget() }))
assert.ok(breaker(theirs).tryAcquire() instanceof ours.Permit, 'a permit of the other copy is not recognised')
console.log('policies, budgets and permits of one copy are taken by the other')
