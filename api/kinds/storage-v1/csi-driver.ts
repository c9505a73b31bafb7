import type { FieldError } from '../../errors.ts'
import { CSIDriver } from '../../types/storage-v1.ts'
import type { CSIDriverSpec, TokenRequest } from '../../types/storage-v1.ts'
import { age, text } from '../columns.ts'
import type { Column, Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { validateDriverName } from '../validation/csi.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, immutableMessage, invalid, notSupported, oneOf, required } from '../validation/field.ts'
import { pathSegment } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { isRepeated } from '../validation/repeated.ts'

const flag = (name: string, value: (spec: CSIDriverSpec) => boolean, description: string): Column<CSIDriver> => ({ name, type: 'boolean', description, value: ({ spec }) => value(spec) })

export const csiDrivers: Kind<CSIDriver> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', resource: 'csidrivers', singular: 'csidriver',
  namespaced: false, verbs: allVerbs, schema: CSIDriver, storage: 'csidrivers', nameRule: pathSegment, unconditionalUpdate: false,
  doc: 'What the cluster has to know of a CSI driver.',
  default({ spec }) {
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  prepareForUpdate: (driver, old) => raiseGeneration(driver, old, !semanticEqual(driver.spec, old.spec)),
  validate,
  validateUpdate: (driver, old) => [
    ...validate(driver),
    ...(driver.spec.attachRequired === old.spec.attachRequired ? [] : [invalid('spec.attachedRequired', driver.spec.attachRequired ?? null, immutableMessage)]),
    ...(semanticEqual(driver.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes) ? [] : [invalid('spec.volumeLifecycleModes', driver.spec.volumeLifecycleModes ?? null, immutableMessage)]),
  ],
  columns: [
    flag('AttachRequired', ({ attachRequired }) => attachRequired ?? true, 'Whether volumes are attached to a node first.'),
    flag('PodInfoOnMount', ({ podInfoOnMount }) => podInfoOnMount ?? false, 'Whether the driver is told of the pod.'),
    flag('StorageCapacity', ({ storageCapacity }) => storageCapacity ?? false, 'Whether the scheduler minds what is left.'),
    text('TokenRequests', ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>', 'The audiences of the tokens it gets.'),
    flag('RequiresRepublish', ({ requiresRepublish }) => requiresRepublish ?? false, 'Whether it is called again and again.'),
    text('Modes', ({ spec }) => spec.volumeLifecycleModes?.join(',') || '<none>', 'The sorts of volumes it serves.'),
    age,
  ],
}

const switches = ['podInfoOnMount', 'storageCapacity'] as const

function validate({ metadata, spec }: CSIDriver): FieldError[] {
  const { nodeAllocatableUpdatePeriodSeconds: period } = spec
  return [
    ...validateDriverName(metadata.name, 'name'),
    ...(spec.attachRequired === undefined ? [required('spec.attachedRequired')] : []),
    ...switches.filter((name) => spec[name] === undefined).map((name) => required(`spec.${name}`)),
    ...oneOf(spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'], 'spec.fsGroupPolicy'),
    ...validateTokenRequests(spec.tokenRequests ?? [], 'spec.tokenRequests'),
    ...(spec.volumeLifecycleModes ?? []).filter((mode) => mode !== 'Persistent' && mode !== 'Ephemeral').map((mode) => notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral'])),
    ...(spec.seLinuxMount === undefined ? [required('spec.seLinuxMount')] : []),
    ...(period !== undefined && period < 10 ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')] : []),
    ...(spec.serviceAccountTokenInSecrets !== undefined && !spec.tokenRequests?.length ? [invalid('spec.serviceAccountTokenInSecrets', spec.serviceAccountTokenInSecrets, 'may not be set when `tokenRequests` is not specified')] : []),
  ]
}

function validateTokenRequests(requests: readonly TokenRequest[], field: string): FieldError[] {
  const audiences = requests.map(({ audience }) => audience)
  return each(requests, field, ({ audience, expirationSeconds: seconds }, path, index) => {
    if (isRepeated(audiences, audience, index)) return [duplicate(`${path}.audience`, audience)]
    if (seconds === undefined) return []
    if (seconds < 600) return [invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes')]
    return seconds > 2 ** 32 ? [invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds')] : []
  })
}
