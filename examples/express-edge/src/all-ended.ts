/** Waits until all have ended, and rejects as the first one that failed. Then nothing of it goes on unseen. */
export async function allEnded(all: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(all)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
