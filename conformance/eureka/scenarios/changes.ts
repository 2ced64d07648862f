// Changes of a registry that more than one scenario follows.
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'

/** Of three instances: takes the first out of service and the second away, renews the third, and adds a fourth. */
export async function changeFour(lab: Lab, app: string, id: (number: number) => string): Promise<void> {
  await lab.wire.ask('PUT', `${pathOf(app, id(1))}/status?value=OUT_OF_SERVICE`)
  await lab.wire.ask('DELETE', pathOf(app, id(2)))
  await lab.wire.ask('DELETE', pathOf(app, id(3)))
  await lab.register(app, { instanceId: id(3), metadata: { again: 'yes' } })
  await lab.register(app, { instanceId: id(4) })
}
