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
