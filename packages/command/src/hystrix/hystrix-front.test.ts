import { describe, expect, it } from 'vitest'
import { watched } from './hystrix.model.js'
import { createStreamCommand } from './stream-command.js'

describe('a stream command shows of itself what every command shows', () => {
  it('counts its executions and measures their times', async () => {
    const { clock, runtime, behave } = watched()
    using command = createStreamCommand({
      ...{ name: 'S', clock, runtime },
      run: async function* (_call, throws?: Error) {
        yield await Promise.resolve(behave({ afterMs: 40, ...(throws === undefined ? {} : { throws }) }))
      },
    })
    const { totals } = command
    expect(command.percentile(50)).toBeUndefined()

    const first = command.execute()[Symbol.asyncIterator]().next()
    await clock.advance(100)
    await first
    const failed = command
      .execute(new Error('down'))
      .next()
      .catch(() => undefined)
    await clock.advance(100)
    await failed

    expect(totals).toBe(command.totals)
    expect(totals.executions).toMatchObject({ success: 0, failure: 1 })
    expect(totals.exceptionsThrown).toBe(1)
    expect(command.percentile(50)).toBeGreaterThan(0)
  })

  it('is idle again when its stream was read to the end', async () => {
    const { clock, runtime } = watched()
    using command = createStreamCommand({ name: 'S', clock, runtime, run: () => [1, 2] })
    expect(command.isIdle).toBe(true)

    const execution = command.execute()
    await execution.next()
    expect(command.isIdle).toBe(false)
    for await (const value of execution) expect(value).toBe(2)

    expect(command.isIdle).toBe(true)
  })
})
