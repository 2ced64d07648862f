/** Waits with an end. */
import type { Clock } from '@breakwater/kernel'

/** Resolves when `work` has settled, however, or when `limitMs` are over. Whether it settled. */
export async function within(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<boolean> {
  let cancel = (): void => undefined
  const isOver = new Promise<boolean>((resolve) => {
    const end = (): void => {
      resolve(false)
    }
    cancel = clock.schedule(clock.now() + limitMs, end)
  })
  const settled = work.then(
    () => true,
    () => true,
  )
  const result = await Promise.race([settled, isOver])
  cancel()
  return result
}
