import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../api/errors.ts'
import { deviceClasses } from '../../../api/kinds/resource-v1/device-class.ts'
import { resourceClaims } from '../../../api/kinds/resource-v1/claims.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionRequest } from './admission.ts'
import { deviceSelectors } from './device-selectors.ts'

const refusal = async (request: Partial<AdmissionRequest>): Promise<string | undefined> => {
  try {
    await deviceSelectors.validate!({ subresource: '', name: 'x', ...request } as AdmissionRequest, {} as Tools)
    return undefined
  } catch (error) {
    if (error instanceof ApiError) return error.message
    throw error
  }
}
const classOf = (...expressions: string[]) => ({ apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'x' }, spec: { selectors: expressions.map((expression) => ({ cel: { expression } })) } })

describe('expressions over devices', () => {
  test.each([
    'device.driver == "gpu.example.com"',
    'device.attributes["gpu.example.com"].model == "a" && device.capacity["gpu.example.com"].memory.compareTo(quantity("8Gi")) >= 0',
    'device.attributes["gpu.example.com"].shared',
    'device.allowMultipleAllocations',
  ])('%s', async (expression) => {
    expect(await refusal({ kind: deviceClasses, object: classOf(expression) })).toBeUndefined()
  })

  test.each([
    ['device.', /spec\.selectors\[0\]\.cel\.expression: Invalid value: "device\.": compilation failed: ERROR: <input>:1:8: Syntax error/],
    ['device.nothing == 1', /compilation failed: ERROR: <input>:1:7: undefined field 'nothing'/],
    ['device.driver', /must evaluate to bool or the unknown type, not string/],
  ])('%s is refused', async (expression, message) => {
    expect(await refusal({ kind: deviceClasses, object: classOf(expression) })).toMatch(message)
  })

  test('of claims too, and only when they change', async () => {
    const claim = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name: 'x' }, spec: { devices: { requests: [{ name: 'a', firstAvailable: [{ name: 'b', selectors: [{ cel: { expression: '1' } }] }] }] } } }
    expect(await refusal({ kind: resourceClaims, object: claim })).toMatch(/spec\.devices\.requests\[0\]\.firstAvailable\[0\]\.selectors\[0\]\.cel\.expression: Invalid value: "1": must evaluate to bool or the unknown type, not int/)
    expect(await refusal({ kind: resourceClaims, object: claim, old: claim })).toBeUndefined()
  })
})
