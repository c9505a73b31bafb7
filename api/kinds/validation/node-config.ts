import type { FieldError } from '../../errors.ts'
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource } from '../../types/core-v1/node.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notPositiveMessage, required } from './field.ts'
import { configMapKey, dnsLabel, dnsSubdomain } from './names.ts'

const featureName = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z][A-Za-z0-9]*)*$/

/** What an agent says it can do: sorted, and none twice. */
export function validateDeclaredFeatures(features: readonly string[] | undefined, field: string): FieldError[] {
  return each(features, field, (feature, path, index) => {
    const before = features![index - 1]
    return [
      ...(before === feature ? [duplicate(path, feature)] : before !== undefined && before > feature ? [invalid(path, feature, 'list must be sorted alphabetically')] : []),
      ...(feature.length > 253 ? [invalid(path, feature, `invalid feature name ${JSON.stringify(feature)}: must be no more than 253 characters`)] : featureName.test(feature) ? []
        : [invalid(path, feature, `invalid feature name ${JSON.stringify(feature)}: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`)]),
    ]
  })
}

/** How much a node can swap. */
export function validateSwap({ status }: Node): FieldError[] {
  const capacity = status?.nodeInfo?.swap?.capacity
  return capacity !== undefined && capacity <= 0 ? [invalid('metadata.nodeSwapStatus.capacity', capacity, notPositiveMessage)] : []
}

/** Where an agent once took its configuration from: no longer used, and checked for those who still say it. */
export function validateNodeConfig({ spec, status }: Node): FieldError[] {
  const { assigned, active, lastKnownGood } = status?.config ?? {}
  return [
    ...(spec.configSource ? validateSource(spec.configSource, 'spec.configSource', onlyWanted) : []),
    ...Object.entries({ assigned, active, lastKnownGood }).flatMap(([name, source]) => (source ? validateSource(source, `status.config.${name}`, known) : [])),
  ]
}

type Check = (source: ConfigMapNodeConfigSource, field: string) => FieldError[]

const onlyWanted: Check = ({ uid, resourceVersion }, field) => [
  ...(uid ? [forbidden(`${field}.uid`, 'uid must not be set in spec')] : []),
  ...(resourceVersion ? [forbidden(`${field}.resourceVersion`, 'resourceVersion must not be set in spec')] : []),
]

const known: Check = ({ uid, resourceVersion }, field) => [...(uid ? [] : [required(`${field}.uid`)]), ...(resourceVersion ? [] : [required(`${field}.resourceVersion`)])]

function validateSource(source: NodeConfigSource, field: string, check: Check): FieldError[] {
  const { configMap } = source, at = `${field}.configMap`
  if (!configMap) return [invalid(field, source, 'exactly one reference subfield must be non-nil')]
  const named = (name: 'namespace' | 'name' | 'kubeletConfigKey', rule: (value: string) => string[]): FieldError[] =>
    (configMap[name] ? invalidFor(`${at}.${name}`, configMap[name], rule(configMap[name])) : [required(`${at}.${name}`)])
  return [...check(configMap, at), ...named('namespace', dnsLabel), ...named('name', dnsSubdomain), ...named('kubeletConfigKey', configMapKey)]
}
