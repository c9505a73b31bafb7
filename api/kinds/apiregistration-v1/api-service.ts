import type { FieldError } from '../../errors.ts'
import { APIService } from '../../types/apiregistration-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { each, invalid, invalidFor, notSupported, required } from '../validation/field.ts'
import { dnsLabel1035, dnsSubdomain, pathSegment, portNumber } from '../validation/names.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const apiServices: Kind<APIService> = {
  group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', resource: 'apiservices', singular: 'apiservice', categories: ['api-extensions'],
  namespaced: false, verbs: allVerbs, schema: APIService, storage: 'apiregistration.k8s.io/apiservices', nameRule: pathSegment,
  doc: 'Names the server that answers for one group and version of the API.',
  subresources: { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateStatus } },
  default({ spec }) { if (spec.service) spec.service.port ??= 443 },
  prepareForCreate(service) {
    service.status = {}
    // A group served by this server is there as soon as it is named.
    if (!service.spec.service) service.status.conditions = [{ type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' }]
  },
  prepareForUpdate: keepStatus,
  validate,
  validateUpdate: validate,
  columns: [
    text('Service', ({ spec }) => (spec.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local'), 'Who answers.'),
    text('Available', availability, 'Whether it answers.'),
    age,
  ],
}

function availability({ status }: APIService): string {
  const condition = (status?.conditions ?? []).find(({ type }) => type === 'Available')
  if (!condition) return 'Unknown'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`
}

function validate({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum: groupPriority = 0, versionPriority = 0 } = spec
  const name = `${version}.${group}`
  return [
    ...(!metadata.name || metadata.name === name ? [] : [invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`)]),
    ...(group === '' && version !== 'v1' ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')] : []),
    ...(group ? invalidFor('spec.group', group, dnsSubdomain(group)) : []),
    ...invalidFor('spec.version', version, dnsLabel1035(version)),
    ...(groupPriority > 0 && groupPriority <= 20_000 ? [] : [invalid('spec.groupPriorityMinimum', groupPriority, 'must be positive and less than 20000')]),
    ...(versionPriority > 0 && versionPriority <= 1000 ? [] : [invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000')]),
    ...(spec.service ? validateRemote(spec) : validateLocal(spec)),
  ]
}

function validateLocal({ caBundle, insecureSkipTLSVerify }: APIService['spec']): FieldError[] {
  return [
    ...(caBundle ? [invalid('spec.caBundle', `${Buffer.from(caBundle, 'base64').length} bytes`, 'local APIServices may not have a caBundle')] : []),
    ...(insecureSkipTLSVerify ? [invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')] : []),
  ]
}

function validateRemote({ service, caBundle, insecureSkipTLSVerify }: APIService['spec']): FieldError[] {
  const wrongPort = portNumber(service?.port)
  return [
    ...(service?.namespace ? [] : [required('spec.service.namespace')]),
    ...(service?.name ? [] : [required('spec.service.name')]),
    ...(wrongPort.length ? [invalid('spec.service.port', service?.port, `port is not valid: ${wrongPort.join(', ')}`)] : []),
    ...(insecureSkipTLSVerify && caBundle ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')] : []),
  ]
}

function validateStatus({ status }: APIService): FieldError[] {
  const values = ['True', 'False', 'Unknown']
  return each(status?.conditions, 'status.conditions', (condition, path) => (values.includes(condition.status) ? [] : [notSupported(`${path}.status`, condition.status, values)]))
}
