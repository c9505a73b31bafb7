import type { Filter } from '../plugin.ts'

/** What is asked for must be left: pods, cpu, memory, ephemeral storage and devices. All that is missing is told. */
export const nodeResourcesFit: Filter = {
  name: 'NodeResourcesFit',
  prepare({ requests }) {
    const asked = [...requests].filter(([, amount]) => amount > 0).sort(([a], [b]) => rank(a) - rank(b))
    return ({ allocatable, requested, pods }) => {
      const reasons: string[] = []
      let resolvable = true
      if (pods.size + 1 > (allocatable.get('pods') ?? 0)) reasons.push('Too many pods')
      for (const [name, amount] of asked) {
        const all = allocatable.get(name) ?? 0
        if (amount <= all - (requested.get(name) ?? 0)) continue
        reasons.push(`Insufficient ${name}`)
        if (amount > all) resolvable = false
      }
      return reasons.length ? { reasons, resolvable } : undefined
    }
  },
}

const order = ['cpu', 'memory', 'ephemeral-storage']
const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)
