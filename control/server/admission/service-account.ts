import { forbidden } from '../../../api/errors.ts'
import { serviceAccounts } from '../../../api/kinds/core-v1/service-account.ts'
import type { ServiceAccount } from '../../../api/types/core-v1/config.ts'
import type { AdmissionPlugin } from './admission.ts'
import { newPod } from './pod-request.ts'

const standard = 'default'

/**
 * Every pod runs as a service account, `default` when it names none. Any other must be there; the standard one may come
 * later, because as yet nothing (no token volume) is taken from it that a pod could not do without.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  async admit(request, tools) {
    const pod = newPod(request)
    if (!pod) return
    const { spec } = pod
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
      if (spec.serviceAccountName) throw forbidden(request.kind, pod.metadata.name, 'a mirror pod may not reference service accounts')
      return
    }
    spec.serviceAccountName ||= standard
    spec.serviceAccount = spec.serviceAccountName
    const name = spec.serviceAccountName
    const account = (await tools.resources.cache(serviceAccounts).get(tools.resources.key(serviceAccounts, request.namespace, name)))?.object as ServiceAccount | undefined
    if (!account && name !== standard) throw forbidden(request.kind, pod.metadata.name, `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`)
    if (account?.imagePullSecrets?.length && !spec.imagePullSecrets?.length) spec.imagePullSecrets = structuredClone(account.imagePullSecrets)
  },
}
