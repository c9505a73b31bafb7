/*
 * Sets of indexes as Jobs write them: `1,3-5,7`. Ascending, without overlap, each below the number of completions.
 */

type Interval = readonly [first: number, last: number]

/** How many indexes the text names, or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  let total = 0
  let previous: number | undefined
  for (const part of text ? text.split(',') : []) {
    const interval = readInterval(part, completions)
    if (typeof interval === 'string') return interval
    if (previous !== undefined && previous >= interval[0]) return `non-increasing order, previous: ${previous}, current: ${interval[0]}`
    total += interval[1] - interval[0] + 1
    previous = interval[1]
  }
  return total
}

/** The first index that both texts name; parts that cannot be read are passed over. */
export function commonIndex(a: string, b: string, completions: number): number | undefined {
  const left = intervals(a, completions), right = intervals(b, completions)
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    const [from, to] = left[i]!, [start, end] = right[j]!
    if (from <= end && start <= to) return Math.max(from, start)
    if (from <= start) i++
    else j++
  }
  return undefined
}

const intervals = (text: string, completions: number): Interval[] =>
  (text ? text.split(',') : []).map((part) => readInterval(part, completions)).filter((read): read is Interval => typeof read !== 'string')

function readInterval(part: string, completions: number): Interval | string {
  const limits = part.split('-')
  if (limits.length > 2) return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`
  const read: number[] = []
  for (const limit of limits) {
    if (!/^[-+]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
    read.push(Number(limit))
  }
  const [first = 0, last = first] = read
  return limits.length > 1 && first >= last ? `non-increasing order, previous: ${first}, current: ${last}` : [first, last]
}
