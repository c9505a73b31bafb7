import { describe, expect, test } from 'vitest'
import type { ResourceClaim } from '../../types/resource-v1/resource-claim.ts'
import type { ResourceSlice } from '../../types/resource-v1/resource-slice.ts'
import { changeFailures, created, failures } from '../testing.ts'
import { resourceClaims, resourceClaimTemplates } from './claims.ts'
import { deviceClasses } from './device-class.ts'
import { resourceSlices } from './resource-slice.ts'

const request = (more: object = {}) => ({ name: 'gpu', exactly: { deviceClassName: 'gpu.example', ...more } })
const claim = (...requests: object[]) => ({ spec: { devices: { requests } } })
const at = 'spec.devices.requests[0]'

describe('a claim', () => {
  test('defaults', () => {
    expect(created(resourceClaims, claim(request())).spec.devices!.requests![0]).toMatchObject({ exactly: { allocationMode: 'ExactCount', count: 1 } })
    expect(created(resourceClaimTemplates, { spec: { spec: claim({ name: 'x', firstAvailable: [{ name: 'a', deviceClassName: 'c', allocationMode: 'All' }] }).spec } } as never).spec.spec.devices!.requests![0]!.firstAvailable![0]).toEqual({ name: 'a', deviceClassName: 'c', allocationMode: 'All' })
  })
  test.each<[string, object, string[]]>([
    ['a good one', claim(request()), []],
    ['of nothing', claim({ name: 'a' }), [`${at}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`]],
    ['of a nameless thing', claim({ ...request(), name: '' }), [`${at}.name: Required value`]],
    ['of no class', claim(request({ deviceClassName: '' })), [`${at}.exactly.deviceClassName: Required value`]],
    ['of all, and so many', claim(request({ allocationMode: 'All', count: 2 })), [`${at}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`]],
    ['twice the same', claim(request(), request()), ['spec.devices.requests[1].name: Duplicate value: "gpu"']],
    ['with a constraint on others', { spec: { devices: { requests: [request()], constraints: [{ requests: ['x'], matchAttribute: 'a.example/b' }] } } }, ["spec.devices.constraints[0].requests[0]: Invalid value: \"x\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"]],
  ])('%s', (_, object, expected) => expect(failures(resourceClaims, object as never)).toEqual(expected))

  test('stays what it is', () => {
    expect(changeFailures<ResourceClaim>(resourceClaims, claim(request()), ({ spec }) => { spec.devices!.requests![0]!.name = 'x' })[0]).toMatch(/^spec: Invalid value: .*: field is immutable$/)
  })
  test('is reserved only when it is allocated', () => {
    const reserve = (claim: ResourceClaim) => { claim.status = { reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] } }
    expect(changeFailures<ResourceClaim>(resourceClaims, claim(request()), reserve, 'status')).toEqual(['status.reservedFor: Forbidden: may not be specified when `allocated` is not set'])
  })
  test('tells its state', () => {
    const object = created(resourceClaims, claim(request()))
    const state = () => resourceClaims.columns![0]!.value(object, 0)
    expect(state()).toBe('pending')
    object.status = { allocation: {}, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] }
    expect(state()).toBe('allocated,reserved')
  })
})

describe('a slice', () => {
  const slice = (more: object = {}) => ({ spec: { driver: 'gpu.example', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, nodeName: 'n1', devices: [{ name: 'd0', attributes: { size: { int: 3 } } }], ...more } })
  const device = (more: object): object => slice({ devices: [{ name: 'd', ...more }] })
  const policy = (requestPolicy: object): object => device({ allowMultipleAllocations: true, capacity: { m: { value: '4', requestPolicy } } })
  const at = 'spec.devices[0].capacity[m].requestPolicy'
  const onePlace = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const choices = '`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`'
  test.each<[string, object, string[]]>([
    ['a good one', slice(), []],
    ['nowhere', slice({ nodeName: undefined }), [`spec: Required value: exactly one of ${choices} is required`]],
    ['in two places', slice({ allNodes: true }), [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": exactly one of ${choices} is required, but multiple fields are set`]],
    ['of nobody', slice({ driver: '' }), ['spec.driver: Required value']],
    ['with two of a name', slice({ devices: [{ name: 'd' }, { name: 'd' }] }), ['spec.devices[1]: Duplicate value: "d"']],
    ['with an odd attribute', slice({ devices: [{ name: 'd', attributes: { a: {} } }] }), ['spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified']],
    ['with devices and counters', slice({ sharedCounters: [{ name: 's', counters: { c: { value: '1' } } }] }), ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed']],
    ['with too many sets', slice({ devices: undefined, sharedCounters: Array.from({ length: 9 }, (_, i) => ({ name: `s${i}`, counters: { c: { value: '1' } } })) }), ['spec.sharedCounters: Too many: 9: must have at most 8 items']],
    ['with too many tainted devices', slice({ devices: Array.from({ length: 65 }, (_, i) => ({ name: `d${i}`, taints: [{ key: 'k', effect: 'None' }] })) }), ['spec.devices: Too many: 65: must have at most 64 items']],
    ['with a device that takes of three sets', device({ consumesCounters: ['a', 'b', 'c'].map((counterSet) => ({ counterSet, counters: { c: { value: '1' } } })) }), ['spec.devices[0].consumesCounters: Too many: 3: must have at most 2 items']],
    ['with a device that takes of a set twice', device({ consumesCounters: ['a', 'a'].map((counterSet) => ({ counterSet, counters: { c: { value: '1' } } })) }), ['spec.devices[0].consumesCounters[1]: Duplicate value: "a"']],
    ['with a placed device', device({ nodeName: 'n1' }), ['spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec']],
    ['with a device that is nowhere', slice({ nodeName: undefined, perDeviceNodeSelection: true }), [`spec.devices[0]: Required value: ${onePlace}`]],
    ['with a device that is in two places', slice({ nodeName: undefined, perDeviceNodeSelection: true, devices: [{ name: 'd', nodeName: 'n', allNodes: true }] }), [`spec.devices[0]: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${onePlace}`]],
    ['on no nodes', slice({ allNodes: false }), ['spec.allNodes: Invalid value: false: must be either unset or set to true']],
    ['with hopes alone', device({ bindingConditions: ['up'] }), ['spec.devices[0].bindingFailureConditions: Invalid value: []: bindingFailureConditions are required to use bindingConditions']],
    ['with a hope that is a fear', device({ bindingConditions: ['up'], bindingFailureConditions: ['up'] }), ['spec.devices[0].bindingFailureConditions[0]: Invalid value: "up": bindingFailureConditions must not overlap with bindingConditions']],
    ['with a policy for one', device({ capacity: { m: { value: '4', requestPolicy: {} } } }), ['spec.devices[0].capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true']],
    ['with both policies', policy({ validValues: ['1'], validRange: { min: '1' } }), ['exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'].map((text) => `${at}: Forbidden: ${text}`)],
    ['with options and no default', policy({ validValues: ['1'] }), [`${at}.default: Required value: required when validValues is defined`]],
    ['with odd options', policy({ default: '3', validValues: ['2', '1', '1', '5'] }), [
      `${at}.validValues[1]: Invalid value: "1": values must be sorted in ascending order`, `${at}.validValues[3]: Invalid value: "5": option is larger than capacity value: 4`,
      `${at}.validValues[2]: Duplicate value: "1"`, `${at}.validValues: Invalid value: "3": default value is not valid according to the requestPolicy`,
    ]],
    ['with a good range', policy({ default: '2', validRange: { min: '1', max: '4', step: '1' } }), []],
    ['with a range of no start', policy({ default: '2', validRange: {} }), [`${at}.validRange.min: Required value: required when validRange is defined`]],
    ['with an odd range', policy({ default: '1', validRange: { min: '2', max: '5', step: '3' } }), [
      `${at}.validRange.min: Invalid value: "1": default is less than min: 2`, `${at}.validRange.max: Invalid value: "5": max is larger than capacity value: 4`,
      `${at}.validRange.step: Invalid value: "3": one step 5 is larger than capacity value: 4`, `${at}.validRange.step: Invalid value: "1": value is not a multiple of a given step (3) from (2)`,
    ]],
  ])('%s', (_, object, expected) => expect(failures(resourceSlices, object as never)).toEqual(expected))

  test('drops what is not in use yet, unless it is stored', () => {
    const made = (): ResourceSlice => device({ attributes: { a: { int: 1, ints: [1] } }, nodeAllocatableResourceMappings: {} }) as ResourceSlice
    const [fresh, again, stored] = [{ ...made(), metadata: {} }, { ...made(), metadata: {} }, { ...made(), metadata: {} }] as ResourceSlice[]
    resourceSlices.prepareForCreate!(fresh!)
    expect(fresh!.spec.devices).toEqual([{ name: 'd', attributes: { a: { int: 1 } } }])
    resourceSlices.prepareForUpdate!(again!, stored!)
    expect(again!.spec.devices).toEqual(stored!.spec.devices)
  })
})

test('a class hands on objects only', () => {
  expect(failures(deviceClasses, { spec: { config: [{ opaque: { driver: 'a.example', parameters: 'x' } }] } })).toEqual(['spec.config[0].opaque.parameters: Invalid value: "<value omitted>": parameters must be a valid JSON object'])
})
