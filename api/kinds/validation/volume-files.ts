import type { FieldError } from '../../errors.ts'
import type { DownwardAPIVolumeFile, KeyToPath } from '../../types/core-v1/volume.ts'
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './env.ts'
import { invalid, required } from './field.ts'
import { fileMode, localNonReserved } from './paths.ts'

/** One key of a Secret or ConfigMap as one file. */
export const validateKeyToPath = ({ key, path, mode }: KeyToPath, field: string): FieldError[] => [
  ...(key ? [] : [required(`${field}.key`)]),
  ...(path ? localNonReserved(path, `${field}.path`) : [required(`${field}.path`)]),
  ...fileMode(mode, `${field}.mode`),
]

/** One file of a downward API volume; its path is, as in the original, the volume's. */
export function validateDownwardFile(file: DownwardAPIVolumeFile, field: string): FieldError[] {
  const { path, fieldRef, resourceFieldRef, mode } = file
  return [
    ...(path ? localNonReserved(path, `${field}.path`) : [required(`${field}.path`)]),
    ...(fieldRef ? validateFieldRef(fieldRef, volumeFields, `${field}.fieldRef`) : []),
    ...(fieldRef && resourceFieldRef ? [invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')] : []),
    ...(!fieldRef && resourceFieldRef ? containerResource(resourceFieldRef, `${field}.resourceFieldRef`) : []),
    ...(fieldRef || resourceFieldRef ? [] : [required(field, 'one of fieldRef and resourceFieldRef is required')]),
    ...fileMode(mode, `${field}.mode`),
  ]
}

const containerResource = (reference: NonNullable<DownwardAPIVolumeFile['resourceFieldRef']>, field: string): FieldError[] =>
  (reference.containerName ? validateResourceFieldRef(reference, field) : [required(`${field}.containerName`)])
