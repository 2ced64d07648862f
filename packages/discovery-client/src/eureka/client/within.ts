/** Waits with an end. */
import type { Clock } from '@breakwater/kernel'

/** Resolves when `work` has settled, however, or when `limitMs` are over. */
export async function within(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<void> {
  let cancel = (): void => undefined
  const isOver = new Promise<void>((resolve) => {
    cancel = clock.schedule(clock.now() + limitMs, resolve)
  })
  await Promise.race([work.catch(() => undefined), isOver])
  cancel()
}
