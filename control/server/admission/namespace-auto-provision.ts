import { isAlreadyExists } from '../../../api/errors.ts'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { Tools } from '../tools.ts'
import { createObject } from '../verbs/create-object.ts'
import type { AdmissionPlugin } from './admission.ts'
import { namespaceMemory } from './namespace-lifecycle.ts'

/** A namespace is made when something is created in it. */
export const namespaceAutoProvision: AdmissionPlugin = {
  name: 'NamespaceAutoProvision', optIn: true,
  load: namespaceMemory.load,
  admit({ kind, operation, namespace, dryRun }, tools) {
    if (!kind.namespaced || operation !== 'create' || dryRun) return
    return namespaceMemory.find(tools, '', namespace, (found) => (found ? undefined : provide(tools, namespace)))
  },
}

async function provide(tools: Tools, name: string): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  try {
    await createObject(tools, { kind: namespaces, object, namespace: '', user: systemMaster, dryRun: false })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
