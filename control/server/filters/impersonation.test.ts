import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Attributes } from '../authorization/authorizer.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

const whoami = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const boss = { name: 'boss', groups: ['system:authenticated'] }
let server: TestServer
let asked: Attributes[] = []

beforeAll(async () => {
  server = await startTestServer({
    authorizer: {
      authorize(attributes) {
        if (attributes.verb !== 'impersonate') return { verdict: 'allow' }
        asked.push(attributes)
        return attributes.user === boss && attributes.name !== 'system:masters' && attributes.name !== 'root' ? { verdict: 'allow' } : { verdict: 'noOpinion' }
      },
    },
  })
})
beforeEach(() => { asked = [] })
afterAll(() => server.close())

const as = async (headers: Record<string, string>, rawHeaders?: string[], user = boss) => {
  const request = { method: 'POST' as const, path: whoami, query: new URLSearchParams(), headers: { 'content-type': 'application/json', ...headers }, user, body: { kind: 'bytes' as const, bytes: Buffer.from('{}') }, ...(rawHeaders && { wire: true, rawHeaders }) }
  const { status, body } = await server.server.transport(request)
  const value = body.kind === 'value' ? body.value as any : body.kind === 'bytes' ? JSON.parse(Buffer.from(body.bytes).toString()) : undefined
  return { status, body: value, user: value.status?.userInfo, left: request.headers }
}
const questions = () => asked.map(({ group, resource, subresource, namespace, name }) => [group, subresource ? `${resource}/${subresource}` : resource, namespace, name].join(' '))

test('each part is authorized, and the request goes on as that user', async () => {
  const { user } = await as({ 'impersonate-user': 'bob', 'impersonate-group': 'devs', 'impersonate-uid': '7', 'impersonate-extra-acme.com%2fscope': 'view' })
  expect(user).toEqual({ username: 'bob', uid: '7', groups: ['devs', 'system:authenticated'], extra: { 'acme.com/scope': ['view'] } })
  expect(questions()).toEqual([' users  bob', ' groups  devs', 'authentication.k8s.io userextras/acme.com/scope  view', 'authentication.k8s.io uids  7'])
})

test('a service account brings its groups, unless others are named', async () => {
  const name = 'system:serviceaccount:ns:sa'
  expect((await as({ 'impersonate-user': name })).user).toEqual({ username: name, groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'] })
  expect(questions()).toEqual([' serviceaccounts ns sa'])
  expect((await as({ 'impersonate-user': name, 'impersonate-group': 'devs' })).user.groups).toEqual(['devs', 'system:authenticated'])
})

test('the anonymous user stays unauthenticated', async () => {
  expect((await as({ 'impersonate-user': 'system:anonymous' })).user).toEqual({ username: 'system:anonymous', groups: ['system:unauthenticated'] })
})

test('a name with a comma is one name, and the headers go no further', async () => {
  const raw = ['Impersonate-User', 'bob', 'Impersonate-Group', 'a, b', 'Impersonate-Group', 'c']
  const { user, left } = await as({ 'impersonate-user': 'bob', 'impersonate-group': 'a, b, c' }, raw)
  expect(user.groups).toEqual(['a, b', 'c', 'system:authenticated'])
  expect(Object.keys(left)).toEqual(['content-type'])
})

test.each([
  [{ 'impersonate-user': 'root' }, 403, 'users "root" is forbidden: User "boss" cannot impersonate resource "users" in API group "" at the cluster scope'],
  [{ 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' }, 403, 'groups "system:masters" is forbidden: User "boss" cannot impersonate resource "groups" in API group "" at the cluster scope'],
  [{ 'impersonate-group': 'devs' }, 500, `Internal Server Error: "${whoami}": requested [{Group  devs    }] without impersonating a user`],
])('%j is refused', async (headers, code, message) => {
  expect((await as(headers)).body).toMatchObject({ code, message })
})

test('who may not is told so', async () => {
  expect((await as({ 'impersonate-user': 'bob' }, undefined, { name: 'eve', groups: [] })).status).toBe(403)
})
