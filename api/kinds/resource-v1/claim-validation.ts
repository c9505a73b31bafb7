import type { FieldError } from '../../errors.ts'
import type { CapacityRequirements, DeviceClaim, DeviceClassConfiguration, DeviceConstraint, DeviceRequest, DeviceSelector, DeviceSubRequest, DeviceToleration, ExactDeviceRequest, ResourceClaimSpec } from '../../types/resource-v1/resource-claim.ts'
import { duplicate, each, invalid, invalidFor, notSupported, required, tooLong, tooMany } from '../validation/field.ts'
import { validateLabelName } from '../validation/labels.ts'
import { dnsLabel, dnsSubdomain, labelValueRule } from '../validation/names.ts'
import { validateDriverName, validateQualifiedIdentifier } from './names.ts'
import { isRepeated } from '../validation/repeated.ts'

const mostRequests = 32
const mostSubRequests = 8
const mostConfig = 32
const mostSelectors = 32
const mostTolerations = 16
const longestExpression = 10 * 1024
const longestParameters = 10 * 1024

export function validateClaimSpec(spec: ResourceClaimSpec | undefined, field: string): FieldError[] {
  return validateDeviceClaim(spec?.devices ?? {}, `${field}.devices`)
}

function limited<T>(items: readonly T[] | undefined, most: number, field: string, check: (item: T, field: string, index: number) => FieldError[]): FieldError[] {
  const count = items?.length ?? 0
  return count > most ? [tooMany(field, count, most)] : each(items, field, check)
}

function validateDeviceClaim({ requests, constraints, config }: DeviceClaim, field: string): FieldError[] {
  const names = (requests ?? []).map(({ name }) => name)
  const known = new Set((requests ?? []).flatMap(({ name, firstAvailable }) => [name, ...(firstAvailable ?? []).map((sub) => `${name}/${sub.name}`)]))
  return [
    ...limited(requests, mostRequests, `${field}.requests`, (request, path, index) => [...validateRequest(request, path), ...(isRepeated(names, request.name, index) ? [duplicate(`${path}.name`, request.name)] : [])]),
    ...limited(constraints, mostRequests, `${field}.constraints`, (constraint, path) => validateConstraint(constraint, known, path)),
    ...limited(config, mostConfig, `${field}.config`, (each, path) => [...validateNamesOfRequests(each.requests, known, `${path}.requests`), ...validateConfiguration(each, path)]),
  ]
}

function validateRequest({ name, exactly, firstAvailable }: DeviceRequest, field: string): FieldError[] {
  const subNames = (firstAvailable ?? []).map((sub) => sub.name)
  const forms = (exactly ? 1 : 0) + (firstAvailable?.length ? 1 : 0)
  return [
    ...validateRequestName(name, `${field}.name`),
    ...(forms === 0 ? [required(field, 'exactly one of `exactly` or `firstAvailable` is required')] : []),
    ...(forms > 1 ? [invalid(field, '{exactly, firstAvailable}', 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set')] : []),
    ...(exactly ? validateExact(exactly, `${field}.exactly`) : []),
    ...limited(firstAvailable, mostSubRequests, `${field}.firstAvailable`, (sub, path, index) => [
      ...validateRequestName(sub.name, `${path}.name`), ...(isRepeated(subNames, sub.name, index) ? [duplicate(`${path}.name`, sub.name)] : []), ...validateExact(sub, path),
    ]),
  ]
}

const validateRequestName = (name: string, field: string): FieldError[] => (name ? invalidFor(field, name, dnsLabel(name)) : [required(field)])

function validateExact(request: ExactDeviceRequest | DeviceSubRequest, field: string): FieldError[] {
  const { deviceClassName: name, allocationMode: mode = '', count = 0 } = request
  return [
    ...(name ? invalidFor(`${field}.deviceClassName`, name, dnsSubdomain(name)) : [required(`${field}.deviceClassName`)]),
    ...validateSelectors(request.selectors, `${field}.selectors`),
    ...validateMode(mode, count, field),
    ...limited(request.tolerations, mostTolerations, `${field}.tolerations`, validateToleration),
    ...validateCapacity(request.capacity, `${field}.capacity.requests`),
  ]
}

function validateMode(mode: string, count: number, field: string): FieldError[] {
  if (mode === 'All') return count === 0 ? [] : [invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'")]
  if (mode !== 'ExactCount') return [notSupported(`${field}.allocationMode`, mode, ['All', 'ExactCount'])]
  return count > 0 ? [] : [invalid(`${field}.count`, count, 'must be greater than zero')]
}

const validateCapacity = (capacity: CapacityRequirements | undefined, field: string): FieldError[] =>
  Object.keys(capacity?.requests ?? {}).flatMap((name) => validateQualifiedIdentifier(name, field))

/** Expressions that devices must meet. Whether they compile is for admission to find out, which can wait for the compiler. */
export function validateSelectors(selectors: readonly DeviceSelector[] | undefined, field: string): FieldError[] {
  return limited(selectors, mostSelectors, field, ({ cel }, path) => {
    if (!cel) return [required(`${path}.cel`)]
    const at = `${path}.cel.expression`
    return [...(cel.expression ? [] : [required(at)]), ...(Buffer.byteLength(cel.expression) > longestExpression ? [tooLong(at, longestExpression)] : [])]
  })
}

function validateConstraint({ requests, matchAttribute, distinctAttribute }: DeviceConstraint, known: ReadonlySet<string>, field: string): FieldError[] {
  const attribute = matchAttribute ?? distinctAttribute
  const at = `${field}.${matchAttribute === undefined ? 'distinctAttribute' : 'matchAttribute'}`
  return [
    ...validateNamesOfRequests(requests, known, `${field}.requests`),
    ...(attribute === undefined ? [required(`${field}.matchAttribute`)] : attribute.includes('/') ? validateQualifiedIdentifier(attribute, at) : [invalid(at, attribute, 'must include a domain')]),
  ]
}

function validateNamesOfRequests(names: readonly string[] | undefined, known: ReadonlySet<string>, field: string): FieldError[] {
  return limited(names, mostRequests, field, (name, path, index) => [
    ...(known.has(name) ? [] : [invalid(path, name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'")]),
    ...(isRepeated(names!, name, index) ? [duplicate(path, name)] : []),
  ])
}

/** What is handed on to a driver. */
export function validateConfiguration({ opaque }: DeviceClassConfiguration, field: string): FieldError[] {
  if (!opaque) return [required(`${field}.opaque`)]
  const { parameters } = opaque
  const at = `${field}.opaque.parameters`
  const isObject = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)
  return [
    ...validateDriverName(opaque.driver, `${field}.opaque.driver`),
    ...(parameters === undefined || parameters === null ? [required(at)] : isObject ? [] : [invalid(at, '<value omitted>', 'parameters must be a valid JSON object')]),
    ...(isObject && Buffer.byteLength(JSON.stringify(parameters)) > longestParameters ? [tooLong(at, longestParameters)] : []),
  ]
}

const effects = ['NoExecute', 'NoSchedule', 'None']

function validateToleration({ key = '', operator = '', value = '', effect = '' }: DeviceToleration, field: string): FieldError[] {
  return [
    ...(key ? validateLabelName(key, `${field}.key`) : operator === 'Exists' ? [] : [invalid(`${field}.operator`, operator, "operator must be Exists when `key` is empty, which means 'match all values and all keys'")]),
    ...(operator === 'Exists' ? value ? [invalid(`${field}.value`, value, 'must be empty when operator is `Exists`')] : [] : operator === 'Equal'
      ? invalidFor(`${field}.value`, value, labelValueRule(value)) : [operator ? notSupported(`${field}.operator`, operator, ['Equal', 'Exists']) : required(`${field}.operator`)]),
    ...(effect === '' || effects.includes(effect) ? [] : [notSupported(`${field}.effect`, effect, effects)]),
  ]
}
