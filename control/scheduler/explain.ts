import type { Unplaced } from './schedule.ts'

/** Why a pod goes nowhere, in the sentence people know: reasons sorted as text, then what preemption could do about it. */
export function explain(decision: Unplaced, mayPreempt = true): string {
  const { nodes, reasons, resolvable } = decision
  if (nodes === 0) return 'no nodes available to schedule pods'
  const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort(byBytes).join(', ')
  return `0/${nodes} nodes are available: ${counted}. preemption: ${mayPreempt ? preemption(nodes, resolvable) : 'not eligible due to preemptionPolicy=Never.'}`
}

function preemption(nodes: number, resolvable: number): string {
  const parts: string[] = []
  if (resolvable) parts.push(`${resolvable} No preemption victims found for incoming pod`)
  if (nodes > resolvable) parts.push(`${nodes - resolvable} Preemption is not helpful for scheduling`)
  return `0/${nodes} nodes are available: ${parts.sort(byBytes).join(', ')}.`
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
