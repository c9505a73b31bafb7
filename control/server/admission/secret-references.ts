import type { ServiceAccount } from '../../../api/types/core-v1/config.ts'
import type { Container } from '../../../api/types/core-v1/container.ts'
import type { Pod, PodSpec } from '../../../api/types/core-v1/pod.ts'
import { containersOf } from './pod-request.ts'

/** The account lets its pods use no secrets but those it lists (`kubernetes.io/enforce-mountable-secrets`). */
export const limitsSecrets = ({ metadata }: ServiceAccount): boolean =>
  ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'] ?? '')

/** The first secret a pod uses that its account does not list, as a sentence. */
export function unlistedSecret({ spec }: Pod, account: ServiceAccount): string | undefined {
  const refused = `is not allowed because service account ${account.metadata.name} does not reference that`
  const listed = names(account.secrets)
  for (const { secret } of spec.volumes ?? []) {
    if (secret && !listed.has(secret.secretName)) return `volume with secret.secretName=${quoted(secret.secretName)} ${refused} secret`
  }
  for (const [what, containers] of [['init container', spec.initContainers], ['container', spec.containers], ['ephemeral container', spec.ephemeralContainers]] as const) {
    for (const container of containers ?? []) {
      const used = secretsOf(container).find(({ secret }) => !listed.has(secret))
      if (used) return `${what} ${container.name} with ${used.by} referencing secret.secretName=${quoted(used.secret)} ${refused} secret`
    }
  }
  const pull = names(account.imagePullSecrets)
  const index = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pull.has(name))
  return index < 0 ? undefined : `imagePullSecrets[${index}].name=${quoted(spec.imagePullSecrets![index]!.name)} ${refused} imagePullSecret`
}

/** Whether the pod uses any secret. */
export function usesSecrets(spec: PodSpec): boolean {
  return Boolean(spec.imagePullSecrets?.length)
    || (spec.volumes ?? []).some(({ secret, projected }) => secret || projected?.sources?.some((source) => source.secret))
    || containersOf(spec).some((container) => secretsOf(container).length > 0)
}

function secretsOf({ env = [], envFrom = [] }: Container): { readonly secret: string | undefined; readonly by: string }[] {
  return [
    ...env.flatMap(({ name, valueFrom }) => (valueFrom?.secretKeyRef ? [{ secret: valueFrom.secretKeyRef.name, by: `envVar ${name}` }] : [])),
    ...envFrom.flatMap(({ secretRef }) => (secretRef ? [{ secret: secretRef.name, by: 'envFrom' }] : [])),
  ]
}

const names = (references: readonly { readonly name?: string | undefined }[] = []): ReadonlySet<string | undefined> => new Set(references.map(({ name }) => name))
const quoted = (name: string | undefined): string => JSON.stringify(name ?? '')
