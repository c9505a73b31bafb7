import { describe, expect, test } from 'vitest'
import type { ResourceClaim } from '../../types/resource-v1/resource-claim.ts'
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
  const choices = '`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`'
  test.each<[string, object, string[]]>([
    ['a good one', slice(), []],
    ['nowhere', slice({ nodeName: undefined }), [`spec: Required value: exactly one of ${choices} is required`]],
    ['in two places', slice({ allNodes: true }), [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": exactly one of ${choices} is required, but multiple fields are set`]],
    ['of nobody', slice({ driver: '' }), ['spec.driver: Required value']],
    ['with two of a name', slice({ devices: [{ name: 'd' }, { name: 'd' }] }), ['spec.devices[1].name: Duplicate value: "d"']],
    ['with an odd attribute', slice({ devices: [{ name: 'd', attributes: { a: {} } }] }), ['spec.devices[0].attributes[a]: Required value: exactly one value must be specified']],
  ])('%s', (_, object, expected) => expect(failures(resourceSlices, object as never)).toEqual(expected))
})

test('a class hands on objects only', () => {
  expect(failures(deviceClasses, { spec: { config: [{ opaque: { driver: 'a.example', parameters: 'x' } }] } })).toEqual(['spec.config[0].opaque.parameters: Invalid value: "<value omitted>": parameters must be a valid JSON object'])
})
