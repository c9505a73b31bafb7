import { expect, test } from 'vitest'
import { created, failures } from '../testing.ts'
import { apiServices } from './api-service.ts'

const service = (more: object = {}, name = 'v1.metrics.example') => ({ metadata: { name }, spec: { group: 'metrics.example', version: 'v1', groupPriorityMinimum: 100, versionPriority: 15, service: { namespace: 'n', name: 's' }, ...more } })

test.each<[string, object, string[]]>([
  ['a good one', service(), []],
  ['another name', service({}, 'x'), ['metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.metrics.example"']],
  ['no priority', service({ groupPriorityMinimum: 0, versionPriority: 1001 }), ['spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000', 'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000']],
  ['local, and not', service({ service: undefined, insecureSkipTLSVerify: true }), ['spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify']],
  ['trusted twice', service({ insecureSkipTLSVerify: true, caBundle: 'YQ==' }), ['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present']],
  ['of nobody', service({ service: {} }), ['spec.service.namespace: Required value', 'spec.service.name: Required value']],
])('%s', (_, object, expected) => expect(failures(apiServices, object as never)).toEqual(expected))

test('kubectl get apiservices', () => {
  const cells = (object: object) => apiServices.columns!.slice(0, 2).map((column) => column.value(object as never, 0))
  expect(cells(created(apiServices, service()))).toEqual(['n/s', 'Unknown'])
  expect(cells(created(apiServices, service({ service: undefined })))).toEqual(['Local', 'True'])
  expect(cells({ ...created(apiServices, service()), status: { conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }] } })).toEqual(['n/s', 'False (MissingEndpoints)'])
})
