import type { KubeObject } from '../object.ts'
import { formatLabelSelector } from '../selectors/labels.ts'
import { ageOf } from '../table/duration.ts'
import type { PodTemplateSpec } from '../types/core-v1/pod.ts'
import type { LabelSelector } from '../types/meta-v1/meta.ts'
import type { Column } from './kind.ts'

export const age: Column<any> = {
  name: 'Age', type: 'string', description: 'The time since the object was created.',
  value: ({ metadata }: KubeObject, now) => ageOf(metadata.creationTimestamp, now),
}

/** What the original prints for kinds that say nothing of their age. */
export const createdAt: Column<any> = {
  name: 'Created At', type: 'date', description: 'When the object was created.',
  value: ({ metadata }: KubeObject) => metadata.creationTimestamp ?? '',
}

/** A column shown with `-o wide` only. */
export const wide = <T extends KubeObject>(name: string, value: Column<T>['value'], description = ''): Column<T> => ({ name, type: 'string', priority: 1, description, value })
export const text = <T extends KubeObject>(name: string, value: (object: T) => string, description = ''): Column<T> => ({ name, type: 'string', description, value })
export const integer = <T extends KubeObject>(name: string, value: (object: T) => number | undefined, description = ''): Column<T> =>
  ({ name, type: 'integer', description, value: (object) => value(object) ?? 0 })

type Templated = KubeObject & { spec: { template?: PodTemplateSpec | undefined; selector?: LabelSelector | undefined } }
const containersOf = (template: PodTemplateSpec | undefined) => template?.spec.containers ?? []

export const containerNames = (template: PodTemplateSpec | undefined): string => containersOf(template).map(({ name }) => name).join(',')
export const containerImages = (template: PodTemplateSpec | undefined): string => containersOf(template).map(({ image }) => image ?? '').join(',')

/** What the wide form of every workload ends with. */
export const templateColumns: readonly Column<any>[] = [
  wide<Templated>('Containers', ({ spec }) => containerNames(spec.template), 'The names of the containers of the template.'),
  wide<Templated>('Images', ({ spec }) => containerImages(spec.template), 'The images of the containers of the template.'),
]
export const labelSelectorColumn = wide<Templated>('Selector', ({ spec }) => formatLabelSelector(spec.selector), 'The selector of the pods.')

/** A map of labels as `a=b,c=d`, sorted; `<none>` for none. */
export const formatLabels = (labels: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).sort().join(',') || '<none>'
