import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerConfig, Mount } from '../runtime/runtime.ts'
import { containerHash, gracePeriodOf } from './containers.ts'
import type { SpecContainer } from './containers.ts'
import { expand } from './expand.ts'
import { annotations, labels } from './labels.ts'
import { containerResources } from './qos.ts'
import { containerSecurity } from './security.ts'

/** What a container's configuration needs beside its spec. */
export interface ContainerInputs {
  readonly attempt: number
  /** Seconds; remembered on the container. */
  readonly backoff: number
  readonly imageRef: string
  readonly environment: ReadonlyMap<string, string>
  readonly mounts: readonly Mount[]
  readonly memoryCapacity: number
  readonly cgroupVersion: 1 | 2
  readonly seccompRoot: string
  /** The container whose process namespace an ephemeral container joins. */
  readonly targetId?: string | undefined
}

export function containerConfig(pod: Pod, container: SpecContainer, inputs: ContainerInputs): ContainerConfig {
  const { spec } = container
  const { name: podName, namespace = 'default', uid = '' } = pod.metadata
  const expanded = (words: readonly string[] | undefined): string[] =>
    (words ?? []).map((word) => expand(word, (name) => inputs.environment.get(name)))
  const preStop = spec.lifecycle?.preStop
  return {
    metadata: { name: spec.name, attempt: inputs.attempt },
    image: { image: inputs.imageRef, userSpecifiedImage: spec.image ?? '' },
    command: expanded(spec.command),
    args: expanded(spec.args),
    workingDir: spec.workingDir ?? '',
    envs: [...inputs.environment].map(([key, value]) => ({ key, value })),
    mounts: [...inputs.mounts],
    labels: { [labels.containerName]: spec.name, [labels.podName]: podName, [labels.podNamespace]: namespace, [labels.podUid]: uid },
    annotations: {
      [annotations.hash]: containerHash(spec),
      [annotations.restartCount]: String(inputs.attempt),
      [annotations.terminationMessagePath]: spec.terminationMessagePath ?? '/dev/termination-log',
      [annotations.terminationMessagePolicy]: spec.terminationMessagePolicy ?? 'File',
      [annotations.gracePeriod]: String(gracePeriodOf(pod)),
      [annotations.backoff]: String(inputs.backoff),
      ...(preStop && { [annotations.preStop]: JSON.stringify(preStop) }),
    },
    logPath: `${spec.name}/${inputs.attempt}.log`,
    stdin: spec.stdin ?? false,
    stdinOnce: spec.stdinOnce ?? false,
    tty: spec.tty ?? false,
    linux: {
      resources: {
        ...containerResources(pod, spec, inputs.memoryCapacity),
        // Without memory the whole container ends, not the one process the kernel picks: only version 2 can do it.
        ...(inputs.cgroupVersion === 2 && { unified: { 'memory.oom.group': '1' } }),
      },
      securityContext: containerSecurity(pod, spec, inputs.seccompRoot, inputs.targetId),
    },
    ...(spec.lifecycle?.stopSignal && { stopSignal: criSignal(spec.lifecycle.stopSignal) }),
  }
}

/** CRI writes `SIGRTMIN+1` as `SIGRTMINPLUS1`. */
const criSignal = (signal: string): string => signal.replace('+', 'PLUS').replace('-', 'MINUS')
