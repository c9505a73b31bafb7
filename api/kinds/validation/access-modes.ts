import type { FieldError } from '../../errors.ts'
import { forbidden, notSupported } from './field.ts'

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const volumeModes = ['Block', 'Filesystem']

/** `accessModes` of a volume or a claim; one pod for itself is not at the same time something else. */
export function validateAccessModes(given: readonly string[], field: string): FieldError[] {
  const known = given.filter((mode) => modes.includes(mode))
  const mixed = known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')
  return [
    ...given.filter((mode) => !modes.includes(mode)).map((mode) => notSupported(field, mode, modes)),
    ...(mixed ? [forbidden(field, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

const letters: readonly (readonly [string, string])[] = [['ReadWriteOnce', 'RWO'], ['ReadOnlyMany', 'ROX'], ['ReadWriteMany', 'RWX'], ['ReadWriteOncePod', 'RWOP']]

/** `RWO,ROX`, as `kubectl get` shows them. */
export const formatAccessModes = (given: readonly string[] | undefined): string =>
  letters.filter(([mode]) => given?.includes(mode)).map(([, short]) => short).join(',')
