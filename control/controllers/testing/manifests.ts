import type { Draft } from '../../../api/client/client.ts'
import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import type { PodTemplateSpec } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'

/** What a user would write, for the real server. */
export const webTemplate = (image = 'web:1'): PodTemplateSpec => ({ metadata: { name: '', labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image, ports: [{ name: 'http', containerPort: 8080 }] }] } })

export const webDeployment = (replicas: number, more: Partial<Deployment['spec']> = {}): Draft<Deployment> =>
  ({ metadata: { name: 'web', namespace: 'default' }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: webTemplate(), ...more } })

export const webReplicaSet = (replicas: number, more: Partial<ReplicaSet['spec']> = {}): Draft<ReplicaSet> =>
  ({ metadata: { name: 'web', namespace: 'default' }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: webTemplate(), ...more } })

export const webService = (more: Partial<Service['spec']> = {}): Draft<Service> =>
  ({ metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }], ...more } })
