import type { FieldError } from '../../errors.ts'
import type { Container, VolumeDevice, VolumeMount } from '../../types/core-v1/container.ts'
import type { VolumeSource } from '../../types/core-v1/volume.ts'
import { forbidden, invalid, notFound, notSupported, optionallyOneOf, required } from './field.ts'
import { localDescending, noBacksteps } from './paths.ts'

type Volumes = ReadonlyMap<string, VolumeSource>

/** `volumeMounts` of a container. `volumes`: the good volumes of the pod by name. */
export function validateMounts(container: Container, volumes: Volumes, field: string): FieldError[] {
  const devices = container.volumeDevices ?? []
  const paths = new Set<string>()
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const path = `${field}[${index}]`
    const repeated = paths.has(mount.mountPath)
    paths.add(mount.mountPath)
    return [
      ...(mount.name ? [] : [required(`${path}.name`)]),
      ...(volumes.has(mount.name) ? [] : [notFound(`${path}.name`, mount.name ?? '')]),
      ...(mount.mountPath ? [] : [required(`${path}.mountPath`)]),
      ...(repeated ? [invalid(`${path}.mountPath`, mount.mountPath, 'must be unique')] : []),
      ...(devices.some(({ name }) => name === mount.name) ? [invalid(`${path}.name`, mount.name, 'must not already exist in volumeDevices')] : []),
      ...(devices.some(({ devicePath }) => devicePath === mount.mountPath) ? [invalid(`${path}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices')] : []),
      ...validateSubPaths(mount, path, field),
      ...validatePropagation(mount, container, `${field}.mountPropagation`),
      ...validateRecursive(mount, `${field}.recursiveReadOnly`),
    ]
  })
}

function validateSubPaths({ subPath, subPathExpr }: VolumeMount, field: string, list: string): FieldError[] {
  return [
    ...(subPath ? localDescending(subPath, `${list}.subPath`) : []),
    ...(subPath && subPathExpr ? [invalid(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')] : []),
    ...(subPathExpr ? localDescending(subPathExpr, `${list}.subPathExpr`) : []),
  ]
}

function validatePropagation({ mountPropagation: mode }: VolumeMount, container: Container, field: string): FieldError[] {
  return [
    ...optionallyOneOf(mode, ['Bidirectional', 'HostToContainer', 'None'], field),
    ...(mode === 'Bidirectional' && !container.securityContext?.privileged ? [forbidden(field, 'Bidirectional mount propagation is available only to privileged containers')] : []),
  ]
}

function validateRecursive({ recursiveReadOnly: mode, readOnly, mountPropagation }: VolumeMount, field: string): FieldError[] {
  if (mode === undefined || mode === 'Disabled') return []
  if (mode !== 'Enabled' && mode !== 'IfPossible') return [notSupported(field, mode, ['Disabled', 'Enabled', 'IfPossible'])]
  return [
    ...(readOnly ? [] : [forbidden(field, 'may only be specified when readOnly is true')]),
    ...(mountPropagation && mountPropagation !== 'None' ? [forbidden(field, 'may only be specified when mountPropagation is None or not specified')] : []),
  ]
}

/** `volumeDevices` of a container. */
export function validateDevices(container: Container, volumes: Volumes, field: string): FieldError[] {
  const names = new Set<string>(), paths = new Set<string>()
  const mounts = container.volumeMounts ?? []
  return (container.volumeDevices ?? []).flatMap(({ name, devicePath }: VolumeDevice, index) => {
    const path = `${field}[${index}]`
    const volume = volumes.get(name)
    const wrong = [
      ...(name ? [] : [required(`${path}.name`)]),
      ...(names.has(name) ? [invalid(`${path}.name`, name, 'must be unique')] : []),
      ...(volume && !volume.persistentVolumeClaim && !volume.ephemeral ? [invalid(`${path}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')] : []),
      ...(volume ? [] : [notFound(`${path}.name`, name ?? '')]),
      ...(devicePath ? [] : [required(`${path}.devicePath`)]),
      ...(paths.has(devicePath) ? [invalid(`${path}.devicePath`, devicePath, 'must be unique')] : []),
      ...(noBacksteps(devicePath ?? '', path).length ? [invalid(`${path}.devicePath`, devicePath, "can not contain backsteps ('..')")] : []),
      ...(mounts.some((mount) => mount.name === name) ? [invalid(`${path}.name`, name, 'must not already exist in volumeMounts')] : []),
      ...(mounts.some((mount) => mount.mountPath === devicePath) ? [invalid(`${path}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts')] : []),
    ]
    names.add(name)
    paths.add(devicePath)
    return wrong
  })
}
