import { compactVerify } from 'jose'
import { expect, test } from 'vitest'
import { isNotFound } from '../../../api/errors.ts'
import { configMaps } from '../../../api/kinds/core-v1/config-map.ts'
import { secrets } from '../../../api/kinds/core-v1/secret.ts'
import { startBench } from '../testing/bench.ts'
import type { Bench } from '../testing/bench.ts'

const make = ({ client }: Bench, id: string, more: Record<string, string> = {}) => client.create(secrets, {
  metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` }, type: 'bootstrap.kubernetes.io/token',
  stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', ...more },
})

test('a bootstrap token is removed when its time is over, and not before', async () => {
  const bench = await startBench(['tokencleaner'])
  const at = { namespace: 'kube-system', name: 'bootstrap-token-abcdef' }
  await make(bench, 'abcdef', { expiration: '2026-01-01T03:00:00Z' })
  await make(bench, 'uvwxyz')
  await bench.clock.advance('2h')
  expect((await bench.client.get(secrets, at)).type).toBe('bootstrap.kubernetes.io/token')
  await bench.clock.advance('61m')
  await expect(bench.client.get(secrets, at)).rejects.toSatisfy(isNotFound)
  await bench.client.get(secrets, { ...at, name: 'bootstrap-token-uvwxyz' })
})

test('cluster-info is signed with each token that may sign', async () => {
  const bench = await startBench(['bootstrapsigner'])
  const at = { namespace: 'kube-public', name: 'cluster-info' }
  const kubeconfig = 'apiVersion: v1\nkind: Config\n'
  await bench.client.create(configMaps, { metadata: at, data: { kubeconfig, 'jws-kubeconfig-zzzzzz': 'stale', other: 'x' } })
  await make(bench, 'abcdef', { 'usage-bootstrap-signing': 'true' })
  await make(bench, 'uvwxyz')
  await bench.clock.settle()
  const { data = {} } = await bench.client.get(configMaps, at)
  expect(Object.keys(data).sort()).toEqual(['jws-kubeconfig-abcdef', 'kubeconfig', 'other'])
  const [head, content, signature] = data['jws-kubeconfig-abcdef']!.split('.')
  expect(content).toBe('')
  const { protectedHeader } = await compactVerify(`${head}.${Buffer.from(kubeconfig).toString('base64url')}.${signature}`, Buffer.from('0123456789abcdef'))
  expect(protectedHeader).toEqual({ alg: 'HS256', kid: 'abcdef' })
  await bench.client.delete(secrets, { namespace: 'kube-system', name: 'bootstrap-token-abcdef' })
  await bench.clock.settle()
  expect(Object.keys((await bench.client.get(configMaps, at)).data ?? {}).sort()).toEqual(['kubeconfig', 'other'])
})
