import type { FieldError } from '../../errors.ts'
import { FlowSchema } from '../../types/flowcontrol-v1.ts'
import type { NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from '../../types/flowcontrol-v1.ts'
import { age, integer, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notSupported, required } from '../validation/field.ts'
import { dnsLabel, dnsSubdomain } from '../validation/names.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { mandatoryFlows } from './predefined.ts'
import { isRepeated } from '../validation/repeated.ts'

export const flowSchemas: Kind<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'FlowSchema', resource: 'flowschemas', singular: 'flowschema',
  namespaced: false, verbs: allVerbs, schema: FlowSchema, storage: 'flowschemas', unconditionalUpdate: false,
  doc: 'Says which requests are of which priority, and which of them share a queue.',
  subresources: { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateConditions } },
  default({ spec }) { spec.matchingPrecedence ||= 1000 },
  prepareForCreate: startWith<FlowSchema>(() => ({})),
  prepareForUpdate: keepStatusAndCount,
  validate,
  columns: [
    text('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name, 'The priority of its requests.'),
    integer('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence, 'Which schema is asked first: the lowest number.'),
    text('DistinguisherMethod', ({ spec }) => spec.distinguisherMethod?.type ?? '<none>', 'What makes two requests of one flow.'),
    age,
    text('MissingPL', ({ status }) => (status?.conditions ?? []).find(({ type }) => type === 'Dangling')?.status ?? '?', 'Whether its priority level is missing.'),
  ],
}

function validate(schema: FlowSchema): FieldError[] {
  const { metadata, spec } = schema
  const { matchingPrecedence: precedence = 0, distinguisherMethod: by, priorityLevelConfiguration: level } = spec
  const at = 'spec.matchingPrecedence'
  const methods = ['ByNamespace', 'ByUser']
  const fixed = mandatoryFlows()
  return [
    ...(precedence <= 0 ? [invalid(at, precedence, 'must be a positive value')] : []),
    ...(precedence > 10_000 ? [invalid(at, precedence, 'must not be greater than 10000')] : []),
    ...(precedence === 1 && metadata.name !== 'exempt' ? [invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")] : []),
    ...(by && !methods.includes(by.type) ? [notSupported('spec.distinguisherMethod.type', by.type, methods)] : []),
    ...(level.name ? invalidFor('spec.priorityLevelConfiguration.name', level.name, dnsSubdomain(level.name)) : [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')]),
    ...each(spec.rules, 'spec.rules', validateRules),
    ...(Object.hasOwn(fixed, metadata.name) && !semanticEqual(spec, fixed[metadata.name]) ? [invalid('spec', spec, `spec of '${metadata.name}' must equal the fixed value`)] : []),
    ...validateConditions(schema),
  ]
}

function validateRules({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects, field: string): FieldError[] {
  return [
    ...(subjects?.length ? [] : [required(`${field}.subjects`, 'subjects must contain at least one value')]),
    ...each(subjects, `${field}.subjects`, validateSubject),
    ...(resourceRules?.length || nonResourceRules?.length ? [] : [required(field, 'at least one of resourceRules and nonResourceRules has to be non-empty')]),
    ...each(resourceRules, `${field}.resourceRules`, validateResourceRule),
    ...each(nonResourceRules, `${field}.nonResourceRules`, validateNonResourceRule),
  ]
}

const forms = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const

function validateSubject(subject: Subject, field: string): FieldError[] {
  if (!Object.hasOwn(forms, subject.kind)) return [notSupported(`${field}.kind`, subject.kind, Object.keys(forms))]
  const form = forms[subject.kind as keyof typeof forms]
  const others = Object.entries(forms).filter(([, name]) => name !== form && subject[name] !== undefined)
  return [
    ...(subject[form] ? validateNamed(subject[form], form, `${field}.${form}`) : [required(`${field}.${form}`, `${form} is required when subject kind is '${subject.kind}'`)]),
    ...others.map(([kind, name]) => forbidden(`${field}.${name}`, `${name} is forbidden when subject kind is not '${kind}'`)),
  ]
}

function validateNamed(subject: { name: string; namespace?: string }, form: string, field: string): FieldError[] {
  const { name, namespace = '' } = subject
  const nameMissing = name ? [] : [required(`${field}.name`)]
  if (form !== 'serviceAccount') return nameMissing
  return [
    ...nameMissing, ...(name && name !== '*' ? invalidFor(`${field}.name`, name, dnsSubdomain(name)) : []),
    ...(namespace ? invalidFor(`${field}.namespace`, namespace, dnsLabel(namespace)) : [required(`${field}.namespace`, 'must specify namespace for service account')]),
  ]
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

function validateVerbs(asked: readonly string[], field: string): FieldError[] {
  if (asked.length === 0) return [required(field, 'verbs must contain at least one value')]
  if (asked.includes('*')) return asked.length > 1 ? [invalid(field, asked, "if '*' is present, must not specify other verbs")] : []
  return asked.every((verb) => verbs.includes(verb)) ? [] : [notSupported(field, asked, verbs)]
}

const wildcardAlone = (values: readonly string[], field: string, what: string): FieldError[] =>
  (values.length > 1 && values.includes('*') ? [invalid(field, values, `if '*' is present, must not specify other ${what}`)] : [])

function validateResourceRule(rule: ResourcePolicyRule, field: string): FieldError[] {
  const { apiGroups = [], resources = [], namespaces = [] } = rule
  const at = `${field}.namespaces`
  return [
    ...validateVerbs(rule.verbs ?? [], `${field}.verbs`),
    ...(apiGroups.length ? wildcardAlone(apiGroups, `${field}.apiGroups`, 'api groups') : [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')]),
    ...(resources.length ? wildcardAlone(resources, `${field}.resources`, 'resources') : [required(`${field}.resources`, 'resource rules must supply at least one resource')]),
    ...(namespaces.length || rule.clusterScope ? wildcardAlone(namespaces, at, 'namespaces') : [required(at, 'resource rules that are not cluster scoped must supply at least one namespace')]),
    ...(namespaces.includes('*') ? [] : each(namespaces, at, (namespace, path) => invalidFor(path, namespace, dnsLabel(namespace).map((wrong) => `each member of this list must be '*' or a DNS-1123 label; ${wrong}`)))),
  ]
}

function validateNonResourceRule({ verbs: asked = [], nonResourceURLs: urls = [] }: NonResourcePolicyRule, field: string): FieldError[] {
  const at = `${field}.nonResourceURLs`
  return [
    ...validateVerbs(asked, `${field}.verbs`),
    ...(urls.length ? wildcardAlone(urls, at, 'non-resource URLs') : [required(at, 'nonResourceURLs must contain at least one value')]),
    ...(urls.includes('*') ? [] : each(urls, at, (url, path) => {
      const wrong = wrongPath(url)
      return wrong ? [invalid(path, url, wrong)] : []
    })),
  ]
}

function wrongPath(path: string): string | undefined {
  if (path === '') return 'must not be empty'
  if (path === '/') return undefined
  if (!path.startsWith('/')) return 'must start with slash'
  if (path.includes(' ')) return 'must not contain white-space'
  if (path.includes('//')) return 'must not contain double slash'
  const stars = path.split('*').length - 1
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}

/** Of both kinds of this group: no two of one type. */
export function validateConditions({ status }: { status?: { conditions?: readonly { type?: string | undefined }[] | undefined } | undefined }): FieldError[] {
  const types = (status?.conditions ?? []).map(({ type }) => type)
  return each(types, 'status.conditions', (type, path, index) => [
    ...(isRepeated(types, type, index) ? [duplicate(`${path}.type`, type)] : []), ...(type ? [] : [required(`${path}.type`, 'must not be empty')]),
  ])
}
