/**
 * How and when calls end on a simulated clock.
 */
import type { SimClock } from '@breakwater/testing'

export interface Ending {
  readonly end: string
  readonly at: number
}

/** Runs the work for so long, and says how and when the call ended. */
export async function endOf(clock: SimClock, call: Promise<unknown>): Promise<Ending> {
  let ending: Ending | undefined
  const started = clock.now()
  const ended = (end: string): void => {
    ending = { end, at: clock.now() - started }
  }
  call.then(
    (value) => ended(String(value)),
    (error: { code?: string; message: string }) => ended(error.code ?? error.message),
  )
  await clock.advance(10_000)
  if (ending === undefined) throw new Error('the call never ended')
  return ending
}

export const after = (clock: SimClock, ms: number, value: string) => (): Promise<string> =>
  new Promise((resolve) => clock.io(clock.now() + ms, () => resolve(value)))
