import * as types from '../../types/extensions-v1beta1.ts'
import { daemonSets, defaultRollingUpdate, validateDaemonSet } from '../apps-v1/daemon-set.ts'
import { deployments } from '../apps-v1/deployment.ts'
import { replicaSets } from '../apps-v1/replica-set.ts'
import type { Kind } from '../kind.ts'
import { ingresses } from '../networking-v1/ingress.ts'
import { networkPolicies } from '../networking-v1/network-policy.ts'
import { custom } from '../verbs.ts'
import { defaultPathTypes, ingressForm } from './ingress-form.ts'
import { olderScale } from './older-scale.ts'
import { deprecation, olderVersion } from './older-version.ts'
import { labelsFromTemplate, rollbackAnnotation, templateGenerationField } from './workload-forms.ts'

const group = 'extensions'
const version = 'v1beta1'
const gone = (kind: string, since: number, until: number, successor: string) => deprecation(`extensions/v1beta1 ${kind}`, since, until, `${successor} ${kind}`)
/** No limit at all, as the first version had it. */
const noLimit = 2 ** 31 - 1

/** The group most of today's workloads were born in. */
export const extensions: readonly Kind[] = Object.freeze([
  olderVersion(daemonSets, {
    group, version, schema: types.DaemonSet, deprecated: gone('DaemonSet', 8, 16, 'apps/v1'), convert: templateGenerationField,
    default(set: types.DaemonSet) {
      labelsFromTemplate(set)
      set.spec.updateStrategy ??= {}
      set.spec.updateStrategy.type ||= 'OnDelete'
      if (set.spec.updateStrategy.type === 'RollingUpdate') defaultRollingUpdate(set.spec.updateStrategy)
      daemonSets.default!(set as never)
    },
    validateUpdate: validateDaemonSet,
  }),
  olderVersion(deployments, {
    group, version, schema: types.Deployment, deprecated: gone('Deployment', 8, 16, 'apps/v1'), convert: rollbackAnnotation,
    subresources: { scale: olderScale(deployments.subresources!.scale!, group, version, types.Scale), rollback: custom('DeploymentRollback', ['create']) },
    default(deployment: types.Deployment) {
      labelsFromTemplate(deployment)
      const { spec } = deployment
      spec.revisionHistoryLimit ??= noLimit
      spec.progressDeadlineSeconds ??= noLimit
      const strategy = (spec.strategy ??= {})
      strategy.type ||= 'RollingUpdate'
      if (strategy.type === 'RollingUpdate') {
        const rolling = (strategy.rollingUpdate ??= {})
        rolling.maxUnavailable ??= 1
        rolling.maxSurge ??= 1
      }
      deployments.default!(deployment as never)
    },
    validateUpdate: deployments.validate,
  }),
  olderVersion(ingresses, { group, version, schema: types.Ingress, deprecated: gone('Ingress', 14, 22, 'networking.k8s.io/v1'), convert: ingressForm, default: defaultPathTypes }),
  olderVersion(networkPolicies, { group, version, schema: types.NetworkPolicy, deprecated: gone('NetworkPolicy', 9, 16, 'networking.k8s.io/v1') }),
  olderVersion(replicaSets, {
    group, version, schema: types.ReplicaSet, deprecated: gone('ReplicaSet', 8, 16, 'apps/v1'),
    subresources: { scale: olderScale(replicaSets.subresources!.scale!, group, version, types.Scale) },
    default(set: types.ReplicaSet) {
      labelsFromTemplate(set)
      replicaSets.default!(set as never)
    },
    validateUpdate: replicaSets.validate,
  }),
])
