import type { FieldError } from '../../errors.ts'
import type { Container, EphemeralContainer } from '../../types/core-v1/container.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const

type Check = (container: Container | EphemeralContainer, field: string) => FieldError[]

/** Runs a check over the containers of every sort, init containers first, each with its path below `field`. */
export function eachContainer(spec: PodSpec, field: string, check: Check): FieldError[] {
  const errors: FieldError[] = []
  for (const list of lists) {
    const containers: readonly (Container | EphemeralContainer)[] = spec[list] ?? []
    for (let index = 0; index < containers.length; index++) errors.push(...check(containers[index]!, `${field}.${list}[${index}]`))
  }
  return errors
}

/** The containers of every sort, init containers first. */
export const allContainers = ({ initContainers = [], containers = [], ephemeralContainers = [] }: PodSpec): (Container | EphemeralContainer)[] =>
  [...initContainers, ...containers, ...ephemeralContainers]
