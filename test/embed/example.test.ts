import { startCluster } from 'k8ts'
import { deployments } from 'k8ts/api/kinds/apps-v1/deployment.ts'
import { pods } from 'k8ts/api/kinds/core-v1/pod.ts'
import { expect, test } from 'vitest'

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web:1 }] }
`

test('a Deployment survives the loss of a node', async () => {
  await using cluster = await startCluster()
  const [doomed] = [await cluster.addNode({ name: 'n1' }), await cluster.addNode({ name: 'n2' })]
  const running = async () => (await cluster.client.list(pods)).items.filter((pod) => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp)

  await cluster.apply(web)
  await cluster.eventually(async () => expect(await running()).toHaveLength(3))
  expect(new Set((await running()).map((pod) => pod.spec.nodeName))).toEqual(new Set(['n1', 'n2']))

  await doomed.stop()
  // 50 s until the node counts as lost, 5 min that its pods tolerate it.
  await cluster.clock.advance('6m')
  expect((await running()).map((pod) => pod.spec.nodeName)).toEqual(['n2', 'n2', 'n2'])
  expect((await cluster.client.get(deployments, { namespace: 'default', name: 'web' })).status).toMatchObject({ readyReplicas: 3 })
})
