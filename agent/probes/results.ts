export type ProbeType = 'startup' | 'liveness' | 'readiness'
export type ProbeResult = 'success' | 'failure'

/** What a container's probes say; absent: not known yet, or no such probe. */
export type ContainerProbes = Readonly<Partial<Record<ProbeType, ProbeResult>>>

/** The latest results by container id, and who wants to know when one changes. */
export interface ProbeResults {
  of(containerID: string): ContainerProbes
  set(containerID: string, type: ProbeType, result: ProbeResult): void
  forget(containerID: string): void
}

export function createProbeResults(changed: (containerID: string) => void): ProbeResults {
  const results = new Map<string, ContainerProbes>()
  const none: ContainerProbes = Object.freeze({})
  return {
    of: (id) => results.get(id) ?? none,
    set(id, type, result) {
      const old = results.get(id)
      if (old?.[type] === result) return
      results.set(id, { ...old, [type]: result })
      changed(id)
    },
    forget(id) { results.delete(id) },
  }
}
