/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export const untilSignal = (): Promise<NodeJS.Signals> => new Promise((resolve) => {
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name))
})
