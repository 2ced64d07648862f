// Full lists, deltas, hashes, lookups, and the forms in which they come.
import assert from 'node:assert/strict'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'
import type { Applications, Fields } from '../wire.ts'
import { changeFour } from './changes.ts'

type View = Map<string, Fields>

export async function patchesByDeltas(lab: Lab): Promise<void> {
  const app = lab.name('delta')
  const id = (number: number): string => `${app}-${String(number)}`
  for (const number of [1, 2, 3]) await lab.register(app, { instanceId: id(number) })
  const view: View = new Map()
  await lab.eventually(async () => {
    view.clear()
    put(view, await lab.wire.list('apps/'))
    assert.ok([1, 2, 3].every((number) => view.has(`${app}/${id(number)}`)))
  })

  await changeFour(lab, app, id)

  await lab.eventually(async () => {
    const patched = new Map(view)
    const delta = await lab.wire.list('apps/delta')
    patch(patched, delta)
    const full: View = new Map()
    put(full, await lab.wire.list('apps/'))
    assert.deepEqual(
      [...full.keys()].filter((key) => key.startsWith(`${app}/`)).sort(),
      [1, 3, 4].map((number) => `${app}/${id(number)}`),
    )
    assert.deepEqual(statuses(patched), statuses(full))
    assert.equal(hashOf(patched), delta.apps__hashcode)
    assert.deepEqual(actionsOf(delta, app), ['ADDED', 'ADDED', 'DELETED', 'MODIFIED'])
  })
}

export async function looksUp(lab: Lab): Promise<void> {
  const app = lab.name('lookup')
  const vip = app.toLowerCase()
  await lab.register(app, { vipAddress: `${vip},${vip}-alt`, secureVipAddress: `${vip}-secure` })
  const found = async (path: string): Promise<number> => (await lab.wire.list(path)).application.length

  await lab.eventually(async () => {
    assert.equal(await found(`vips/${vip}`), 1)
  })
  assert.equal(await found(`vips/${vip}-alt`), 1)
  assert.equal(await found(`svips/${vip}-secure`), 1)
  assert.equal(await found(`vips/${app}`), 0, 'VIPs are compared exactly')
  assert.deepEqual(await lab.wire.list('vips/nobody-has-this'), {
    versions__delta: '-1',
    apps__hashcode: '',
    application: [],
  })
  assert.equal(
    await lab.wire.status('GET', `apps/${app.toLowerCase()}`),
    200,
    'applications are compared ignoring case',
  )
  assert.equal(await lab.wire.status('GET', `instances/${app}-1`), 200)
}

export async function answersInEveryForm(lab: Lab): Promise<void> {
  const app = lab.name('forms')
  await lab.register(app)
  const ask = (headers: Record<string, string>): ReturnType<typeof lab.wire.ask> =>
    lab.wire.ask('GET', 'apps/', { headers })
  const [accept, zipped] = [{ accept: 'application/json' }, { 'accept-encoding': 'gzip' }]
  const isNetflix = lab.flavour === 'netflix'

  assert.equal((await ask({ ...accept, ...zipped })).headers['content-encoding'], 'gzip')
  assert.equal((await ask(accept)).headers['content-encoding'], isNetflix ? 'gzip' : undefined)
  assert.equal((await ask({ ...accept, 'accept-encoding': 'identity' })).status, isNetflix ? 406 : 200)
  assert.equal((await ask({ ...zipped, accept: 'text/html' })).status, 406)
  assert.match((await ask({ ...zipped })).headers['content-type'] ?? '', /xml/)

  await lab.eventually(async () => {
    const { text } = await ask({ ...accept, ...zipped, 'x-eureka-accept': 'compact' })
    const { applications } = JSON.parse(text) as { applications: Applications }
    const own = applications.application.find(({ name }) => name === app)?.instance[0]
    assert.equal(typeof own?.['lastUpdatedTimestamp'], 'number')
    assert.equal(own?.['metadata'], undefined)
  })
}

export async function findsOddIds(lab: Lab): Promise<void> {
  const app = lab.name('odd')
  for (const odd of ['a b', 'a:1', '100%', 'a;b', 'a?b', 'a+b', 'жук']) {
    const instanceId = `${app}-${odd}`
    const own = pathOf(app, instanceId)
    assert.equal(await lab.register(app, { instanceId, metadata: { name: 'жук 🐞' } }), 204, odd)
    assert.equal(await lab.wire.status('PUT', own), 200, odd)
    const read = await lab.wire.instance(own)
    assert.equal(read['instanceId'], instanceId)
    assert.deepEqual(read['metadata'], { name: 'жук 🐞' })
    assert.equal(await lab.wire.status('DELETE', own), 200, odd)
    assert.equal(await lab.wire.status('GET', own), 404, odd)
  }
}

function put(view: View, { application }: Applications): void {
  for (const { name, instance } of application)
    for (const fields of instance) view.set(`${name}/${String(fields['instanceId'])}`, fields)
}

function patch(view: View, delta: Applications): void {
  for (const { name, instance } of delta.application) {
    for (const fields of instance) {
      const key = `${name}/${String(fields['instanceId'])}`
      if (fields['actionType'] === 'DELETED') view.delete(key)
      else view.set(key, fields)
    }
  }
}

function statuses(view: View): unknown[] {
  return [...view].map(([key, { status }]) => `${key} ${String(status)}`).sort()
}

function hashOf(view: View): string {
  const counts = new Map<string, number>()
  for (const { status } of view.values()) counts.set(String(status), (counts.get(String(status)) ?? 0) + 1)
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${status}_${String(count)}_`)
    .join('')
}

function actionsOf({ application }: Applications, app: string): unknown[] {
  const instances = application.find(({ name }) => name === app)?.instance ?? []
  return instances.map(({ actionType }) => actionType).sort()
}
