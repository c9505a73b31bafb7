import type { FieldError } from '../../errors.ts'
import type { Volume, VolumeSource } from '../../types/core-v1/volume.ts'
import { duplicate, forbidden, invalid, invalidFor, required } from './field.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import type { VolumeOwner } from './volume-sources.ts'
import { iscsiSession, sourceChecks } from './volume-sources.ts'

/** Every failed check of `spec.volumes`, and the good ones by name, for the mounts. */
export function validateVolumes(volumes: readonly Volume[] | undefined, field: string, owner: VolumeOwner): { errors: FieldError[]; known: Map<string, VolumeSource> } {
  const known = new Map<string, VolumeSource>()
  const claims = new Set((volumes ?? []).filter((volume) => volume.ephemeral && owner.podName).map(({ name }) => `${owner.podName}-${name}`))
  const errors = (volumes ?? []).flatMap((volume, index) => {
    const path = `${field}[${index}]`
    const wrong = [
      ...validateSource(volume, path, owner),
      ...(volume.name ? invalidFor(`${path}.name`, volume.name, dnsLabel(volume.name)) : [required(`${path}.name`)]),
      ...(known.has(volume.name) ? [duplicate(`${path}.name`, volume.name)] : []),
    ]
    if (!wrong.length) known.set(volume.name, volume)
    const claim = volume.persistentVolumeClaim?.claimName
    return claim && claims.has(claim)
      ? [...wrong, invalid(`${path}.persistentVolumeClaim.claimName`, claim, 'must not reference a PVC that gets created for an ephemeral volume')] : wrong
  })
  return { errors, known }
}

function validateSource(volume: Volume, field: string, owner: VolumeOwner): FieldError[] {
  const given = sourceChecks.filter(({ name }) => volume[name] !== undefined)
  if (!given.length) return [required(field, 'must specify a volume type')]
  const [first, ...others] = given
  return [
    ...first!.check(volume[first!.name]!, `${field}.${first!.path ?? first!.name}`, owner),
    ...others.map(({ name, forbiddenAs = name }) => forbidden(`${field}.${forbiddenAs}`, 'may not specify more than 1 volume type')),
    ...(volume.iscsi ? iscsiSession(volume.iscsi, volume.name, field) : []),
    ...(first!.name === 'ephemeral' && owner.podName && volume.name ? claimName(`${owner.podName}-${volume.name}`, volume.name, field) : []),
  ]
}

const claimName = (claim: string, volume: string, field: string): FieldError[] =>
  dnsSubdomain(claim).map((sentence) => invalid(`${field}.name`, volume, `PVC name ${JSON.stringify(claim)}: ${sentence}`))
