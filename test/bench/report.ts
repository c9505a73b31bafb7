/** One figure of a run beside what it is to be measured against. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What we want: at most, or at least. */
  readonly aim?: { readonly atMost: number } | { readonly atLeast: number }
}

/** A line a figure: value, aim, and the ratio to the aim (1 or less is reached, whichever way the aim points). */
export function lineOf({ name, value, unit, aim }: Figure): string {
  const shown = `${name.padEnd(46)} ${format(value).padStart(10)} ${unit.padEnd(8)}`
  if (!aim) return shown.trimEnd()
  const [word, limit] = 'atMost' in aim ? ['≤', aim.atMost] as const : ['≥', aim.atLeast] as const
  const ratio = 'atMost' in aim ? value / limit : limit / value
  return `${shown} aim ${word} ${format(limit)}  ratio ${ratio.toFixed(2)} ${ratio <= 1 ? 'reached' : 'MISSED'}`
}

const format = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

/** The value below which `share` of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
