import { expect, test } from 'vitest'
import { requestInfo } from './request-info.ts'

const info = (line: string) => {
  const [method, target] = line.split(' ') as ['GET', string]
  const [path = '', query = ''] = target.split('?')
  const { isResource, verb, group, version, namespace, resource, name, subresource } = requestInfo({ method, path, query: new URLSearchParams(query) })
  return isResource ? [verb, group, version, namespace, resource, name, subresource].join('|') : verb
}

test.each([
  ['GET /api/v1/pods', 'list||v1||pods||'],
  ['GET /api/v1/pods?watch=true', 'watch||v1||pods||'],
  ['GET /api/v1/pods?watch=0', 'list||v1||pods||'],
  ['GET /api/v1/watch/namespaces/a/pods/b', 'watch||v1|a|pods|b|'],
  ['GET /api/v1/pods?watch=False', 'list||v1||pods||'],
  ['GET /api/v1/pods?watch=yes', 'watch||v1||pods||'],
  ['GET /api/v1/namespaces/a/pods/b?watch=1', 'get||v1|a|pods|b|'],
  ['GET /api/v1/namespaces/a/pods/b/exec?watch=1', 'get||v1|a|pods|b|exec'],
  ['GET /api/v1/watch/namespaces/a/pods/b/exec', 'get||v1|a|pods|b|exec'],
  ['GET /api/v1/watch/namespaces/a/pods/b/proxy/x', 'get||v1|a|pods|b|proxy'],
  ['POST /api/v1/namespaces/a/pods', 'create||v1|a|pods||'],
  ['GET /api/v1/namespaces/a/pods/b', 'get||v1|a|pods|b|'],
  ['HEAD /api/v1/namespaces/a/pods/b', 'get||v1|a|pods|b|'],
  ['PUT /api/v1/namespaces/a/pods/b/status', 'update||v1|a|pods|b|status'],
  ['DELETE /apis/apps/v1/namespaces/a/deployments', 'deletecollection|apps|v1|a|deployments||'],
  ['DELETE /apis/apps/v1/namespaces/a/deployments/d', 'delete|apps|v1|a|deployments|d|'],
  ['PATCH /apis/apps/v1/namespaces/a/deployments/d/scale', 'patch|apps|v1|a|deployments|d|scale'],
  ['GET /api/v1/namespaces', 'list||v1||namespaces||'],
  ['GET /api/v1/namespaces/a', 'get||v1|a|namespaces|a|'],
  ['PUT /api/v1/namespaces/a/finalize', 'update||v1|a|namespaces|a|finalize'],
  ['GET /api/v1/nodes/n/proxy/metrics', 'get||v1||nodes|n|proxy'],
  ['GET /api/v1/namespaces/a/configmaps/system%3Ax', 'get||v1|a|configmaps|system:x|'],
  ['GET /api', 'get'],
  ['GET /api/v1', 'get'],
  ['GET /apis/apps', 'get'],
  ['GET /apis/apps/v1', 'get'],
  ['GET /healthz', 'get'],
])('%s is %s', (line, expected) => { expect(info(line)).toBe(expected) })

test('a path that is no percent-encoding is refused', () => {
  expect(() => requestInfo({ method: 'GET', path: '/api/v1/pods/%zz', query: new URLSearchParams() })).toThrow(URIError)
})
