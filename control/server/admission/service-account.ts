import { serviceAccounts } from '../../../api/kinds/core-v1/service-account.ts'
import type { ServiceAccount } from '../../../api/types/core-v1/config.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { memoryOf } from './memory.ts'
import { isMirror, newPod } from './pod-request.ts'
import { refuse } from './refuse.ts'
import { limitsSecrets, unlistedSecret, usesSecrets } from './secret-references.ts'
import { mountToken } from './token-volume.ts'

const memory = memoryOf<ServiceAccount>(serviceAccounts)
const standard = 'default'
/** How long a pod waits for the account that every namespace gets at birth. */
const patienceMs = 1500

/**
 * Every pod runs as a service account that is there, `default` when it names none, and gets its token. A pod right after its
 * namespace waits a moment for the account.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  load: memory.load,
  admit(request, tools) {
    const pod = newPod(request)
    if (!pod) return
    if (isMirror(pod)) return checkMirror(request, pod)
    pod.spec.serviceAccountName ||= standard
    pod.spec.serviceAccount = pod.spec.serviceAccountName
    return withAccount(request, tools, pod, (account) => {
      if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod, tools.clock)
      if (account.imagePullSecrets?.length && !pod.spec.imagePullSecrets?.length) pod.spec.imagePullSecrets = structuredClone(account.imagePullSecrets)
    })
  },
  validate(request, tools) {
    const { kind, operation, subresource } = request
    if (kind.group !== '' || kind.resource !== 'pods') return
    if (operation === 'update' && subresource === 'ephemeralcontainers') return withAccount(request, tools, request.object, (account) => limit(request, request.object, account))
    const pod = newPod(request)
    if (!pod) return
    if (isMirror(pod)) return checkMirror(request, pod)
    if (!pod.spec.serviceAccountName) throw refuse(request, `no service account specified for pod ${request.namespace}/${pod.metadata.name}`)
    return withAccount(request, tools, pod, (account) => limit(request, pod, account))
  },
}

function withAccount(request: AdmissionRequest, tools: Tools, pod: Pod, use: (account: ServiceAccount) => void): void | Promise<void> {
  const { namespace } = request
  const name = pod.spec.serviceAccountName ?? ''
  return memory.find<void>(tools, namespace, name, (account) => {
    if (account) return use(account)
    if (name !== standard) throw absent(request, name)
    return awaitAccount(tools, namespace).then((came) => {
      if (!came) throw absent(request, name)
      use(came)
    })
  })
}

const absent = (request: AdmissionRequest, name: string) =>
  refuse(request, `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`)

/** Resolves when the standard account of the namespace is there, or to undefined when it does not come. */
async function awaitAccount({ resources, clock, ending }: Tools, namespace: string): Promise<ServiceAccount | undefined> {
  const over = new AbortController()
  const stop = () => over.abort()
  const cancel = clock.after(patienceMs, stop, { unref: true })
  ending.addEventListener('abort', stop, { once: true })
  try {
    for await (const { event } of await resources.cache(serviceAccounts).watch({ namespace, name: standard, signal: over.signal })) {
      if (event.type === 'ADDED') return event.object as ServiceAccount
      if (event.type === 'ERROR') break
    }
    return undefined
  } finally {
    cancel()
    over.abort()
    ending.removeEventListener('abort', stop)
  }
}

function limit(request: AdmissionRequest, pod: Pod, account: ServiceAccount): void {
  const why = limitsSecrets(account) ? unlistedSecret(pod, account) : undefined
  if (why) throw refuse(request, why)
}

/** A mirror pod is as its node's file says: it may ask for nothing that a file has no right to. */
function checkMirror(request: AdmissionRequest, { spec }: Pod): void {
  if (spec.serviceAccountName) throw refuse(request, 'a mirror pod may not reference service accounts')
  if (usesSecrets(spec)) throw refuse(request, 'a mirror pod may not reference secrets')
  if ((spec.volumes ?? []).some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken))) throw refuse(request, 'a mirror pod may not use ServiceAccountToken volume projections')
}
