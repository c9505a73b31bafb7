import { badRequest } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { ScaleAccess, Subresource } from '../kinds/kind.ts'
import { invalid } from '../kinds/validation/field.ts'
import { viewVerbs } from '../kinds/verbs.ts'
import type { CustomResourceSubresourceScale } from '../types/apiextensions-v1/custom-resource-definition.ts'
import { nestedInteger, nestedString, setNested } from './nested-path.ts'

const maxReplicas = 2147483647

/** `…/scale` of a custom resource, at the paths its definition names. */
export function scaleOf(scale: CustomResourceSubresourceScale): Subresource {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale
  const access: ScaleAccess = {
    getReplicas: (object) => orRefuse(() => nestedInteger(object, specReplicasPath)),
    setReplicas: (object, replicas) => setNested(object, specReplicasPath, replicas),
    replicasPath: specReplicasPath,
    statusReplicas: (object) => orRefuse(() => nestedInteger(object, statusReplicasPath)),
    selector: (object) => (labelSelectorPath ? orRefuse(() => nestedString(object, labelSelectorPath)) : ''),
  }
  return { type: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: viewVerbs, scale: access }
}

function orRefuse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw badRequest((error as Error).message)
  }
}

export const validateScaleSpec = (object: unknown, { specReplicasPath }: CustomResourceSubresourceScale): FieldError[] => replicas(object, specReplicasPath)

export function validateScaleStatus(object: unknown, { statusReplicasPath, labelSelectorPath }: CustomResourceSubresourceScale): FieldError[] {
  const errors = replicas(object, statusReplicasPath)
  if (!labelSelectorPath) return errors
  try {
    nestedString(object, labelSelectorPath)
    return errors
  } catch (error) {
    return [...errors, invalid(labelSelectorPath, '', (error as Error).message)]
  }
}

function replicas(object: unknown, path: string): FieldError[] {
  try {
    const count = nestedInteger(object, path)
    if (count < 0) return [invalid(path, count, 'should be a non-negative integer')]
    return count > maxReplicas ? [invalid(path, count, `should be less than or equal to ${maxReplicas}`)] : []
  } catch (error) {
    return [invalid(path, 0, (error as Error).message)]
  }
}
