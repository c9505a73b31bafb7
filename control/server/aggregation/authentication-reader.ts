import { configMaps } from '../../../api/kinds/core-v1/config-map.ts'
import { isAlreadyExists } from '../../../api/errors.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { ConfigMap } from '../../../api/types/core-v1/config.ts'
import type { ServerPart } from '../parts.ts'
import { createObject } from '../verbs/create-object.ts'
import type { AggregationIdentity } from './aggregation.ts'

/**
 * Tells servers behind this one, in the ConfigMap they all read (`kube-system/extension-apiserver-authentication`), whose
 * certificates are the cluster's and on whose connections the identity headers are to be believed.
 */
export const authenticationReader = (identity: AggregationIdentity): ServerPart => ({
  name: 'start-cluster-authentication-info-controller',
  async start(tools) {
    const data = {
      'client-ca-file': identity.clientCA, 'requestheader-allowed-names': JSON.stringify(identity.allowedNames), 'requestheader-client-ca-file': identity.requestHeaderCA,
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]', 'requestheader-group-headers': '["X-Remote-Group"]', 'requestheader-uid-headers': '["X-Remote-Uid"]', 'requestheader-username-headers': '["X-Remote-User"]',
    }
    const name = 'extension-apiserver-authentication'
    const namespace = 'kube-system'
    const key = tools.resources.key(configMaps, namespace, name)
    const there = await tools.resources.cache(configMaps).get(key)
    if (!there) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
      await createObject(tools, { kind: configMaps, object, namespace, user: systemMaster, dryRun: false }).catch((error: unknown) => { if (!isAlreadyExists(error)) throw error })
    } else if (JSON.stringify((there.object as ConfigMap).data) !== JSON.stringify(data)) {
      await tools.store.guaranteedUpdate(tools.resources.of(configMaps), key, ({ object }) => ({ ...object, data } as ConfigMap))
    }
  },
})
