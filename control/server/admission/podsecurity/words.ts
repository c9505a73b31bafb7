import type { Container } from '../../../../api/types/core-v1/container.ts'
import type { PodSpec } from '../../../../api/types/core-v1/pod.ts'
import { containersOf } from '../pod-request.ts'

/** What a check has against a pod: a few words, and the details in brackets behind them. */
export interface Violation { readonly reason: string; readonly detail: string }

export const plural = (word: string, count: number, many = `${word}s`): string => (count === 1 ? word : many)
export const quoted = (items: readonly string[]): string => items.map((item) => `"${item}"`).join(', ')
/** `containers "a", "b"` */
export const named = (word: string, names: readonly string[]): string => `${plural(word, names.length)} ${quoted(names)}`
export const sortedSet = (items: Iterable<string>): string[] => [...new Set(items)].sort()

/** The names of all containers (init, ordinary, ephemeral) of which `bad` is true. */
export const badContainers = (spec: PodSpec, bad: (container: Container) => boolean): string[] => containersOf(spec).filter(bad).map(({ name }) => name)

/** `pod and containers "a", "b"`: who has set something. */
export const setters = (pod: boolean, containers: readonly string[]): string =>
  [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [named('container', containers)] : [])].join(' and ')

export const isWindows = ({ os }: PodSpec): boolean => os?.name === 'windows'
/** In a user namespace of its own root is nobody on the node. */
export const hasUserNamespace = ({ hostUsers }: PodSpec): boolean => hostUsers === false
