import type { PodNetwork } from '../../cni/pod-network.ts'
import type { Config } from '../config.ts'
import { followNodes, type FollowOptions } from './pod-network.ts'

/** What the node agent asks, and how it ends (pods stay connected). */
export interface RunningPodNetwork {
  ready(): string | undefined
  /** After the signal. */
  stop(): Promise<void>
}

/** Our network, kept equal to the Node objects; or, with `podNetwork` none, nothing of it, and the runtime says whether pods can have another's. */
export async function startPodNetwork(
  config: Pick<Config, 'podNetwork' | 'nodeName'>, { network, ...follow }: Omit<FollowOptions, 'nodeName' | 'network'> & { network: PodNetwork },
): Promise<RunningPodNetwork> {
  if (config.podNetwork === 'none') {
    await network.cleanup() // of the time before
    return { ready: () => undefined, stop: async () => {} }
  }
  await network.start()
  const following = followNodes({ ...follow, network, nodeName: config.nodeName })
  return {
    ready: network.ready,
    async stop() {
      await following
      await network.stop()
      await network.plugin.close()
    },
  }
}
