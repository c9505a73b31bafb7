import type { StructSchema } from '../../schema/schema.ts'
import * as v1beta1 from '../../types/apps-v1beta1.ts'
import * as v1beta2 from '../../types/apps-v1beta2.ts'
import { controllerRevisions } from '../apps-v1/controller-revision.ts'
import { daemonSets } from '../apps-v1/daemon-set.ts'
import { deployments } from '../apps-v1/deployment.ts'
import { replicaSets } from '../apps-v1/replica-set.ts'
import { defaultStatefulSet, statefulSets } from '../apps-v1/stateful-set.ts'
import type { Kind } from '../kind.ts'
import { custom } from '../verbs.ts'
import { olderScale } from './older-scale.ts'
import { deprecation, olderVersion } from './older-version.ts'
import { labelsFromTemplate, rollbackAnnotation } from './workload-forms.ts'

const gone = (version: string, kind: string, since: number) => deprecation(`apps/${version} ${kind}`, since, 16, `apps/v1 ${kind}`)

const scaled = ({ subresources }: Kind, version: string, schema: StructSchema) => ({ scale: olderScale(subresources!.scale!, 'apps', version, schema) })

/** `apps/v1beta1` and `apps/v1beta2`. */
export const olderApps: readonly Kind[] = Object.freeze([
  olderVersion(controllerRevisions, { version: 'v1beta1', schema: v1beta1.ControllerRevision, deprecated: gone('v1beta1', 'ControllerRevision', 8) }),
  olderVersion(deployments, {
    version: 'v1beta1', schema: v1beta1.Deployment, deprecated: gone('v1beta1', 'Deployment', 8), convert: rollbackAnnotation,
    subresources: { ...scaled(deployments, 'v1beta1', v1beta1.Scale), rollback: custom('DeploymentRollback', ['create']) },
    default(deployment: v1beta1.Deployment) {
      labelsFromTemplate(deployment)
      deployment.spec.revisionHistoryLimit ??= 2
      deployments.default!(deployment as never)
    },
    // A selector could be changed then.
    validateUpdate: deployments.validate,
  }),
  olderVersion(statefulSets, {
    version: 'v1beta1', schema: v1beta1.StatefulSet, deprecated: gone('v1beta1', 'StatefulSet', 8), subresources: scaled(statefulSets, 'v1beta1', v1beta1.Scale),
    default(set: v1beta1.StatefulSet) {
      labelsFromTemplate(set)
      set.spec.updateStrategy ??= {}
      set.spec.updateStrategy.type ||= 'OnDelete'
      defaultStatefulSet(set as never)
    },
  }),
  olderVersion(controllerRevisions, { version: 'v1beta2', schema: v1beta2.ControllerRevision, deprecated: gone('v1beta2', 'ControllerRevision', 9) }),
  olderVersion(daemonSets, { version: 'v1beta2', schema: v1beta2.DaemonSet, deprecated: gone('v1beta2', 'DaemonSet', 9) }),
  olderVersion(deployments, { version: 'v1beta2', schema: v1beta2.Deployment, deprecated: gone('v1beta2', 'Deployment', 9), subresources: scaled(deployments, 'v1beta2', v1beta2.Scale) }),
  olderVersion(replicaSets, { version: 'v1beta2', schema: v1beta2.ReplicaSet, deprecated: gone('v1beta2', 'ReplicaSet', 9), subresources: scaled(replicaSets, 'v1beta2', v1beta2.Scale) }),
  olderVersion(statefulSets, { version: 'v1beta2', schema: v1beta2.StatefulSet, deprecated: gone('v1beta2', 'StatefulSet', 9), subresources: scaled(statefulSets, 'v1beta2', v1beta2.Scale) }),
])
