import { describe } from 'vitest'
import { startContainerd, testImages, whyNoContainerd } from '../testing/containerd.ts'
import { runtimeSuite } from './runtime.suite.ts'

const why = whyNoContainerd()

describe.skipIf(why !== undefined)(`CRI${why ? ` (skipped: ${why})` : ''}`, { timeout: 30_000 }, () => {
  runtimeSuite('a real containerd', async () => {
    const containerd = await startContainerd()
    const { runtime, cgroupRoot, directory } = containerd
    return { runtime, image: testImages.busybox, cgroupParent: cgroupRoot, logDirectory: `${directory}/logs`, stop: containerd.stop }
  })
})
