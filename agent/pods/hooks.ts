import type { LifecycleHandler } from '../../api/types/core-v1/probe.ts'
import type { Clock } from '../../host/clock.ts'
import type { ProbeNetwork } from '../machine.ts'
import { portNumber } from '../probes/run-probe.ts'
import type { ProbeTarget } from '../probes/run-probe.ts'
import type { Runtime } from '../runtime/runtime.ts'

export interface HookDeps { readonly runtime: Runtime; readonly network: ProbeNetwork; readonly clock: Clock }

/** Runs a `postStart` or `preStop` handler to its end; rejects with what went wrong. */
export async function runHook(handler: LifecycleHandler, target: ProbeTarget, seconds: number, { runtime, network, clock }: HookDeps, signal?: AbortSignal): Promise<void> {
  if (handler.exec) {
    const command = handler.exec.command ?? []
    const { exitCode, stdout, stderr } = await runtime.execSync(target.containerID, command, seconds)
    if (exitCode !== 0) throw new Error(`command '${command.join(' ')}' exited with ${exitCode}: ${Buffer.concat([stderr, stdout]).toString('utf8').slice(0, 1024)}`)
  } else if (handler.httpGet) {
    const { path = '/', host, port, scheme, httpHeaders } = handler.httpGet
    const { status } = await network.http({
      scheme: scheme === 'HTTPS' ? 'HTTPS' : 'HTTP', host: host || target.ip, port: portNumber(port, target.container), path,
      headers: httpHeaders ?? [], timeoutMs: (seconds || 60) * 1000,
    })
    if (status >= 400) throw new Error(`HTTP hook answered with status ${status}`)
  } else if (handler.sleep) {
    await clock.sleep(handler.sleep.seconds * 1000, signal)
  }
}
