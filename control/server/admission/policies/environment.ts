import type { CelEnvironment, CelType } from '../../../../api/cel/cel.ts'
import type { KubeObject } from '../../../../api/object.ts'
import { any, requestType } from '../matching/request-variables.ts'

const text: CelType = { kind: 'string' }
const texts: CelType = { kind: 'list', items: text }
const labels: CelType = { kind: 'map', items: text }

/** The variable `namespaceObject`: what of a Namespace may be looked at. */
const namespaceType: CelType = {
  kind: 'object', name: 'kubernetes.Namespace',
  fields: {
    metadata: {
      kind: 'object', name: 'kubernetes.NamespaceMetadata',
      fields: {
        name: text, generateName: text, namespace: text, labels, annotations: labels, UID: text, creationTimestamp: { kind: 'timestamp' }, deletionGracePeriodSeconds: { kind: 'int' },
        deletionTimestamp: { kind: 'timestamp' }, generation: { kind: 'int' }, resourceVersion: text, finalizers: texts,
      },
    },
    spec: { kind: 'object', name: 'kubernetes.NamespaceSpec', fields: { finalizers: texts } },
    status: { kind: 'object', name: 'kubernetes.NamespaceStatus', fields: { phase: text } },
  },
}

export interface PolicyShape {
  /** The policy takes parameters. */
  readonly params: boolean
  /** Checked more strictly: the type of the object and of the parameters, where they are known. */
  readonly objectType?: CelType | undefined
  readonly paramsType?: CelType | undefined
}

/** What the expressions of a policy may mention, save its own variables. */
export function policyVariables({ params, objectType = any, paramsType = any }: PolicyShape): Readonly<Record<string, CelType>> {
  return { object: objectType, oldObject: objectType, request: requestType, namespaceObject: namespaceType, ...(params && { params: paramsType }) }
}

/** The policy's own variables as the type of `variables`. */
export const variablesType = (fields: Readonly<Record<string, CelType>>): CelType => ({ kind: 'object', name: 'kubernetes.variables', fields })

export function namespaceValue(namespace: KubeObject | undefined): unknown {
  if (!namespace) return null
  const { metadata, spec, status } = namespace as KubeObject & { spec?: object; status?: object }
  return { metadata: { ...metadata, UID: metadata.uid }, ...(spec && { spec }), ...(status && { status }) }
}

/** Types that mutations make: `Object.spec{…}` (what stands in them is judged when it is merged), `JSONPatch{…}`. */
export const mutationTypes: NonNullable<CelEnvironment['types']> = (name) => {
  if (name === 'JSONPatch') return patchType
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined
  if (objectTypes.size > 10_000) objectTypes.clear()
  let type = objectTypes.get(name)
  if (!type) objectTypes.set(name, type = { kind: 'object', name, open: true })
  return type
}
const objectTypes = new Map<string, CelType>()
const patchType: CelType = { kind: 'object', name: 'JSONPatch', fields: { op: text, path: text, from: text, value: any } }
