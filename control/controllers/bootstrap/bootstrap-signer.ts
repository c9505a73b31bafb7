import { createHmac } from 'node:crypto'
import { startController } from '../../../api/client/controller.ts'
import { configMaps as configMapKind } from '../../../api/kinds/core-v1/config-map.ts'
import { secrets as secretKind } from '../../../api/kinds/core-v1/secret.ts'
import type { Secret } from '../../../api/types/core-v1/config.ts'
import { bootstrapToken, hasExpired } from '../../pki/bootstrap-token.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { sameMap } from '../shared/same.ts'
import { bootstrapSecrets } from './token-cleaner.ts'

const place = { namespace: 'kube-public', name: 'cluster-info' }
const prefix = 'jws-kubeconfig-'

/**
 * Signs the kubeconfig in the ConfigMap `cluster-info` with each bootstrap token that may: who knows a token and nothing else of the cluster
 * can read it anonymously and tell from the signature that it is the right one.
 */
export function startBootstrapSigner({ client, clock, log, signal, metrics, informers }: ControllerDeps): RunningController {
  const secrets = informers.of(secretKind, bootstrapSecrets)
  const configMaps = informers.of(configMapKind, { namespace: place.namespace, fieldSelector: `metadata.name=${place.name}` })
  return startController({
    name: 'bootstrap-signer-controller', client, clock, log, signal, metrics,
    for: configMaps, watches: [{ informer: secrets, map: () => [`${place.namespace}/${place.name}`] }],
    async reconcile() {
      const configMap = configMaps.get(place)
      const kubeconfig = configMap?.data?.['kubeconfig']
      if (!configMap || kubeconfig === undefined) return
      const data = signed({ ...configMap.data, kubeconfig }, secrets.list(), clock.now())
      if (!sameMap(data, configMap.data)) await client.update(configMapKind, { ...configMap, data })
    },
  })
}

/** The data with one signature for each token that may sign now, and no others. */
export function signed(data: Readonly<Record<string, string>> & { readonly kubeconfig: string }, secrets: readonly Secret[], now: number): Record<string, string> {
  const rest = Object.entries(data).filter(([name]) => !name.startsWith(prefix))
  const tokens = secrets.map(bootstrapToken).filter((token) => token !== undefined && token.usages.includes('signing') && !hasExpired(token, now))
  return Object.fromEntries([...rest, ...tokens.map((token) => [`${prefix}${token!.id}`, detachedSignature(data.kubeconfig, token!)])])
}

/** A JSON Web Signature (RFC 7515) without the content it signs (appendix F). */
export function detachedSignature(content: string, { id, secret }: { readonly id: string; readonly secret: string }): string {
  const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url')
  const signature = createHmac('sha256', secret).update(`${head}.${Buffer.from(content).toString('base64url')}`).digest('base64url')
  return `${head}..${signature}`
}
