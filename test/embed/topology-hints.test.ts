import { expect, test } from 'vitest'
import { deployments } from '../../api/kinds/apps-v1/deployment.ts'
import { events } from '../../api/kinds/core-v1/event.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import { startCluster } from '../../cli/embed/start-cluster.ts'

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 4
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: web:1 }]
      nodeSelector: { topology.kubernetes.io/zone: east }
---
apiVersion: v1
kind: Service
metadata: { name: web, annotations: { service.kubernetes.io/topology-mode: Auto } }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`
const key = { namespace: 'default', name: 'web' }
const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })

test('topology-mode: Auto shares endpoints out among zones, as long as there are enough', async () => {
  await using cluster = await startCluster()
  for (const [name, where] of [['n1', 'east'], ['n2', 'east'], ['n3', 'west'], ['n4', 'west']] as const) await cluster.addNode({ name, ...zone(where) })
  await cluster.apply(web)
  const hints = async () => {
    const { items } = await cluster.client.list(endpointSlices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })
    return items.flatMap(({ endpoints = [] }) => endpoints.map((endpoint) => endpoint.hints?.forZones?.map(({ name }) => name).join() ?? 'none')).sort()
  }
  const told = async () => (await cluster.client.list(events, { namespace: 'default' })).items.filter(({ reason }) => reason?.startsWith('TopologyAware')).map(({ reason, message }) => `${reason}: ${message}`)
  // All four are in the east, half of the CPUs are not.
  await cluster.eventually(async () => expect(await hints()).toEqual(['east', 'east', 'west', 'west']))
  await cluster.eventually(async () => expect(await told()).toContain('TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4'))

  await cluster.client.patch(deployments, key, { type: 'merge', patch: { spec: { replicas: 1 } } })
  await cluster.eventually(async () => expect(await hints()).toEqual(['none']))
  await cluster.eventually(async () => expect(await told()).toContain('TopologyAwareHintsDisabled: Insufficient number of endpoints (1 endpoints, 2 zones), addressType: IPv4'))

  await cluster.client.patch(deployments, key, { type: 'merge', patch: { spec: { replicas: 4 } } })
  await cluster.eventually(async () => expect(await hints()).toEqual(['east', 'east', 'west', 'west']))
  // A zone that loses its nodes takes its hints along: traffic would be lost on nobody.
  await Promise.all(cluster.nodes.filter(({ name }) => name === 'n3' || name === 'n4').map((node) => node.stop()))
  await cluster.eventually(async () => expect(await hints()).toEqual(['none', 'none', 'none', 'none']), { deadline: '3m' })

  await cluster.client.patch(services, key, { type: 'merge', patch: { metadata: { annotations: { 'service.kubernetes.io/topology-mode': null } }, spec: { trafficDistribution: 'PreferSameZone' } } })
  await cluster.eventually(async () => expect(await hints()).toEqual(['east', 'east', 'east', 'east']))
})
