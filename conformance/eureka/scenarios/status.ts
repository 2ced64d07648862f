// Overrides, and which status wins.
import assert from 'node:assert/strict'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'

const OUT = 'OUT_OF_SERVICE'

async function statusOf(lab: Lab, own: string): Promise<unknown> {
  return (await lab.wire.instance(own))['status']
}

export async function overridesAndTakesBack(lab: Lab): Promise<void> {
  const app = lab.name('override')
  const own = pathOf(app, `${app}-1`)
  await lab.register(app)

  assert.equal(await lab.wire.status('PUT', `${own}/status?value=${OUT}`), 200)
  assert.equal(await statusOf(lab, own), OUT)
  assert.equal(await lab.wire.status('DELETE', `${own}/status?value=UP`), 200)
  assert.equal(await statusOf(lab, own), 'UP')

  await lab.wire.ask('PUT', `${own}/status?value=${OUT}`)
  assert.equal(await lab.wire.status('DELETE', `${own}/status`), 200)
  assert.equal(await statusOf(lab, own), 'UNKNOWN')
  assert.equal(await lab.wire.status('PUT', own), 404, 'an unknown status has to register again')

  assert.equal(await lab.wire.status('PUT', `${own}/status?value=ASLEEP`), 500)
  assert.equal(await lab.wire.status('PUT', `${pathOf(app, 'nobody')}/status?value=UP`), 404)
}

export async function keepsAnOverride(lab: Lab): Promise<void> {
  const app = lab.name('kept')
  const own = pathOf(app, `${app}-1`)
  await lab.register(app)
  await lab.wire.ask('PUT', `${own}/status?value=${OUT}`)

  const seen: unknown[] = []
  for (const status of ['UP', 'DOWN', 'UP']) {
    await lab.register(app, { status })
    seen.push(await statusOf(lab, own))
  }

  assert.deepEqual(seen, [OUT, 'DOWN', OUT])
}
