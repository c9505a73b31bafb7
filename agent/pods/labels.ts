/**
 * The labels and annotations a kubelet leaves on sandboxes and containers. They are the agent's only memory: after a
 * restart all state is read back from them, and a stock kubelet can take over what we started (and the other way round).
 */
export const labels = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
} as const

export const annotations = {
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  preStop: 'io.kubernetes.container.preStopHandler',
  gracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
  configSeen: 'kubernetes.io/config.seen',
  configSource: 'kubernetes.io/config.source',
  /** Seconds to wait after this container's end before the next of its name starts; ours. */
  backoff: 'k8ts.io/container.backoff',
} as const
