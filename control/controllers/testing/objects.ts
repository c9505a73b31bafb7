import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod, PodTemplateSpec } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { ObjectMeta } from '../../../api/types/meta-v1/meta.ts'
import { rfc3339 } from '../../../host/clock.ts'

/** 2026-01-01, the now of tables. */
export const t0 = Date.UTC(2026, 0, 1)
export const at = (seconds: number): string => rfc3339(t0 + seconds * 1000)

const meta = (name: string, more: Partial<ObjectMeta> = {}): ObjectMeta => ({ name, namespace: 'default', uid: `uid-${name}`, creationTimestamp: at(-3600), generation: 1, ...more })

export interface PodSketch {
  readonly node?: string
  readonly phase?: string
  /** Ready since so many seconds from `t0` (negative: before). */
  readonly readySince?: number
  readonly notReady?: boolean
  readonly ip?: string
  readonly restarts?: number
  readonly meta?: Partial<ObjectMeta>
  readonly spec?: Partial<Pod['spec']>
}

export function pod(name: string, sketch: PodSketch = {}): Pod {
  const ready = sketch.readySince !== undefined
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: meta(name, sketch.meta),
    spec: { containers: [{ name: 'web', image: 'web', ports: [{ name: 'http', containerPort: 8080 }] }], nodeName: sketch.node, ...sketch.spec },
    status: {
      phase: sketch.phase ?? (ready ? 'Running' : 'Pending'),
      ...(sketch.ip !== undefined && { podIP: sketch.ip, podIPs: [{ ip: sketch.ip }] }),
      ...((ready || sketch.notReady) && { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at(sketch.readySince ?? -60) }] }),
      ...(sketch.restarts !== undefined && { containerStatuses: [{ name: 'web', ready, restartCount: sketch.restarts, image: 'web', imageID: '' }] }),
    },
  }
}

export const template = (image = 'web:1'): PodTemplateSpec => ({ metadata: { name: '', labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } })

export interface SetSketch {
  readonly image?: string
  readonly available?: number
  readonly ready?: number
  readonly actual?: number
  readonly annotations?: Record<string, string>
  readonly created?: number
}

export function replicaSet(name: string, replicas: number, sketch: SetSketch = {}): ReplicaSet {
  const { available = replicas, ready = available, actual = replicas } = sketch
  return {
    apiVersion: 'apps/v1', kind: 'ReplicaSet',
    metadata: meta(name, { ...(sketch.annotations && { annotations: sketch.annotations }), ...(sketch.created !== undefined && { creationTimestamp: at(sketch.created) }) }),
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template(sketch.image) },
    status: { replicas: actual, availableReplicas: available, readyReplicas: ready, terminatingReplicas: 0, observedGeneration: 1 },
  }
}

export function deployment(replicas: number, spec: Partial<Deployment['spec']> = {}, status: Deployment['status'] = {}): Deployment {
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta('web'),
    spec: {
      replicas, selector: { matchLabels: { app: 'web' } }, template: template(), revisionHistoryLimit: 10, progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }, ...spec,
    },
    status,
  }
}

export const service = (spec: Partial<Service['spec']> = {}, more: Partial<ObjectMeta> = {}): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: meta('web', more),
  spec: { selector: { app: 'web' }, clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ipFamilies: ['IPv4'], type: 'ClusterIP', ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }], ...spec },
})

export const node = (name: string, more: Partial<ObjectMeta> = {}, spec: Node['spec'] = {}, status: Node['status'] = {}): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name, uid: `uid-${name}`, creationTimestamp: at(-3600), ...more }, spec, status,
})
