/**
 * Calls `act` `count` times, in parallel batches of 1, 2, 4, …; the first batch with a failure is the last. A quota or
 * an admission check that refuses everything thus costs a handful of requests, not `count`.
 */
export async function slowStart(count: number, act: (index: number) => Promise<void>): Promise<{ succeeded: number; error?: unknown }> {
  let succeeded = 0
  for (let size = 1, done = 0; done < count; done += size, size *= 2) {
    const batch = Math.min(size, count - done)
    const results = await Promise.allSettled(Array.from({ length: batch }, (_, i) => act(done + i)))
    succeeded += results.filter((result) => result.status === 'fulfilled').length
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) return { succeeded, error: failed.reason }
  }
  return { succeeded }
}
