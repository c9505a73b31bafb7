/** The steps back of what has been done so far; the last is undone first. A step that fails does not keep the others. */
export interface Undo {
  push(step: () => Promise<unknown>): void
  run(): Promise<void>
}

export const createUndo = (onError: (error: unknown) => void): Undo => {
  const steps: (() => Promise<unknown>)[] = []
  return {
    push: step => void steps.push(step),
    async run() {
      for (const step of steps.splice(0).reverse()) await step().catch(onError)
    },
  }
}
