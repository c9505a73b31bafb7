import { createManualClock } from '../../host/manual-clock.ts'
import { fakeRuntime } from './fake.ts'
import { runtimeSuite } from './runtime.suite.ts'

runtimeSuite('the runtime in memory', async () => {
  const runtime = fakeRuntime({ clock: createManualClock() })
  runtime.images.add('web:1')
  return { runtime, image: 'web:1', cgroupParent: '/test', logDirectory: '/logs', async stop() {} }
})
