/**
 * `node inside.ts KUBECONFIG`: measures a running cluster as its client, over TLS, and prints the figures as JSON. Run by
 * `cluster.ts` where the cluster can be reached.
 */
import { createClient } from '../../api/client/create-client.ts'
import type { Client } from '../../api/client/client.ts'
import { httpsTransport } from '../../api/client/https.ts'
import { loadKubeconfig } from '../../api/client/kubeconfig.ts'
import { configMaps } from '../../api/kinds/core-v1/config-map.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { systemClock } from '../../host/clock.ts'
import { busyboxImage } from '../lab/images.ts'
import { percentile, type Figure } from './report.ts'

const transport = httpsTransport({ ...(await loadKubeconfig(process.argv[2]!)), clock: systemClock })
const client = createClient(transport)
const figures: Figure[] = []
figures.push(...(await podStarts()), ...(await rates(client)))
transport.close()
console.log(JSON.stringify(figures))

/** From the request that creates a pod to the event that says it is Ready. */
async function podStarts(): Promise<Figure[]> {
  const samples: number[] = []
  for (let run = 0; run < 20; run++) {
    const name = `latency-${run}`
    const stop = new AbortController()
    const events = client.watch(pods, { namespace: 'default', fieldSelector: `metadata.name=${name}`, signal: stop.signal })
    const begun = performance.now()
    const [, ready] = await Promise.all([
      client.create(pods, { metadata: { name, namespace: 'default' }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: busyboxImage, command: ['sleep', '1000'] }] } }),
      (async () => {
        for await (const { object } of events) if (object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) return performance.now()
        throw new Error('the watch ended before the pod was Ready')
      })(),
    ])
    stop.abort()
    samples.push(ready - begun)
    await client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds: 0 })
  }
  return [
    { name: 'pod start, image present, p50 of 20', value: percentile(samples, 0.5), unit: 'ms', aim: { atMost: 1000 } },
    { name: 'pod start, image present, p95 of 20', value: percentile(samples, 0.95), unit: 'ms' },
  ]
}

/** Requests a second over one TLS connection with `lanes` at a time. */
async function rates(client: Client): Promise<Figure[]> {
  const total = 2000
  const lanes = 32
  const name = (index: number) => `bench-${index}`
  const each = async (work: (index: number) => Promise<unknown>, count = total) => {
    let next = 0
    const begun = performance.now()
    await Promise.all(Array.from({ length: lanes }, async () => { while (next < count) await work(next++) }))
    return count / ((performance.now() - begun) / 1000)
  }
  const object = (index: number) => ({ metadata: { name: name(index), namespace: 'default' }, data: { index: String(index), text: 'x'.repeat(500) } })
  const create = await each((index) => client.create(configMaps, object(index)))
  const get = await each((index) => client.get(configMaps, { namespace: 'default', name: name(index) }))
  const list = await each(() => client.list(configMaps, { namespace: 'default' }), 20)
  await client.deleteCollection(configMaps, { namespace: 'default' })
  return [
    { name: `API create, ${lanes} at a time`, value: create, unit: '/s' },
    { name: `API get, ${lanes} at a time`, value: get, unit: '/s' },
    { name: `API list of ${total} objects`, value: list, unit: '/s' },
  ]
}
