import { afterAll, beforeAll } from 'vitest'
import { missingEngine, startEngine } from '../../servers/container-engine.ts'
import type { Engine } from '../../servers/container-engine.ts'
import { buildImage, ContainerEureka, missingForImage } from '../../servers/eureka/container-eureka.ts'
import { realServers } from './servers.ts'
import { tellAll } from './suite.model.ts'

const START_MS = 900_000

const missing = missingForImage() ?? (await missingEngine())
let engine: Engine | undefined

beforeAll(async () => {
  if (missing !== undefined) return
  engine = await startEngine()
  await buildImage()
}, START_MS)
afterAll(() => engine?.stop(), START_MS)

for (const flavour of ['netflix', 'spring'] as const)
  tellAll(`the real server of ${flavour} in a container`, {
    flavour,
    start: realServers(flavour, (options) => ContainerEureka.start(options)),
    missing,
    // What a server says on the wire is told to it as a process.
    parts: ['client'],
    soakMs: 3_000,
  })
