/** Runs what has the same key one after the other, in order of arrival; different keys side by side. */
export interface Serial { run<T>(key: string, work: () => Promise<T>): Promise<T> }

export const createSerial = (): Serial => {
  const last = new Map<string, Promise<unknown>>()
  return {
    run(key, work) {
      const result = (last.get(key) ?? Promise.resolve()).then(work)
      const done = result.then(() => {}, () => {})
      last.set(key, done)
      void done.then(() => { if (last.get(key) === done) last.delete(key) })
      return result
    },
  }
}
