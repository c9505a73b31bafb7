import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { startCluster } from '../../cli/embed/start-cluster.ts'

const manifest = `
apiVersion: v1
kind: Secret
metadata: { name: s }
stringData: { a: b }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Endpoints
metadata: { name: outside }
subsets: [{ addresses: [{ ip: 192.0.2.1 }], ports: [{ port: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: outside }
spec: { ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: web, envFrom: [{ secretRef: { name: s } }] }] }
`

test('no part of the cluster asks for more than its role allows', async () => {
  const refused: string[] = []
  const log = pino({ level: 'debug' }, new Writable({
    write(line, _, done) {
      refused.push(.../User \\"[^"]*" cannot [^:,]*/.exec(String(line)) ?? [])
      done()
    },
  }))
  await using cluster = await startCluster({ log })
  await cluster.addNode({ name: 'n1' })
  const doomed = await cluster.addNode({ name: 'n2' })
  await cluster.apply(manifest)
  const running = async () => (await cluster.client.list(pods, { namespace: 'default' })).items.filter(({ status }) => status?.phase === 'Running')
  await cluster.eventually(async () => (await running()).length === 3)
  await doomed.stop()
  await cluster.clock.advance('10m')
  expect((await running()).filter(({ spec, metadata }) => spec.nodeName === 'n1' && !metadata.deletionTimestamp)).toHaveLength(3)
  expect([...new Set(refused)]).toEqual([])
})
