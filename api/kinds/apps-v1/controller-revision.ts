import type { FieldError } from '../../errors.ts'
import { ControllerRevision } from '../../types/apps-v1-sets.ts'
import { age, integer, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { semanticEqual } from '../validation/equal.ts'
import { immutableMessage, invalid, nonNegative, required } from '../validation/field.ts'
import { allVerbs } from '../verbs.ts'

export const controllerRevisions: Kind<ControllerRevision> = {
  group: 'apps', version: 'v1', kind: 'ControllerRevision', resource: 'controllerrevisions', singular: 'controllerrevision',
  namespaced: true, verbs: allVerbs, schema: ControllerRevision, storage: 'controllerrevisions',
  doc: 'A state that a DaemonSet or StatefulSet once had, kept to return to.',
  validate,
  validateUpdate: (revision, old) => [
    ...validate(revision),
    ...(semanticEqual(revision.data, old.data) ? [] : [invalid('data', revision.data ?? null, immutableMessage)]),
  ],
  columns: [
    text('Controller', controllerOf, 'Whose state it is.'),
    integer('Revision', ({ revision }) => revision, 'Which state it is, counted from the first.'),
    age,
  ],
}

function validate({ data, revision }: ControllerRevision): FieldError[] {
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data)
  return [
    ...(data === undefined || data === null ? [required('data', 'data is mandatory')] : isObject ? [] : [invalid('data', '<value omitted>', 'data should be a valid JSON object')]),
    ...nonNegative(revision, 'revision'),
  ]
}

/** `daemonset.apps/web`. */
function controllerOf({ metadata }: ControllerRevision): string {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller)
  if (!owner) return '<none>'
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.slice(0, owner.apiVersion.indexOf('/'))}` : ''
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}
