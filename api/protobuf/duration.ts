const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/** A Go duration (`1h2m3.5s`) in nanoseconds; what is none is 0. */
export function nanosecondsOf(text: string): number {
  const total = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0)
  return Math.round(text.startsWith('-') ? -total : total)
}
