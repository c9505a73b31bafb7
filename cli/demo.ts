import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '../api/client/client.ts'
import { createClient } from '../api/client/create-client.ts'
import { httpsTransport } from '../api/client/https.ts'
import { loadKubeconfig } from '../api/client/kubeconfig.ts'
import { isNotFound } from '../api/errors.ts'
import { findKind } from '../api/kinds/registry.ts'
import { deployments } from '../api/kinds/apps-v1/deployment.ts'
import type { KubeObject } from '../api/object.ts'
import { parseYamlAll } from '../api/yaml.ts'
import { buildImage, busyboxFiles } from '../host/oci-image.ts'
import { hostInURL, primaryIP } from './addresses.ts'
import { loadConfig } from './config.ts'
import { importImage } from './install/containerd.ts'
import { installMissing } from './install/packages.ts'
import { paths, type Layout } from './layout.ts'
import type { Machine } from './machine.ts'
import { until } from './wait.ts'

const image = 'k8ts.local/web:1'
const nodePort = 30080

/** Builds a small web image from this machine's busybox, runs `examples/web.yaml` with it, and asks the node port six times. */
export async function demo({ layout }: { layout: Layout }, machine: Machine, print: (line: string) => void): Promise<void> {
  const { exec, steps, clock, home } = machine
  const config = await loadConfig(layout)
  if (!config) throw new Error('There is no cluster on this machine. Make one with ./k8ts up')
  await steps.step('Programs', (say) => installMissing(exec, [{ command: 'busybox', package: 'busybox-static' }, { command: 'curl', package: 'curl' }], say))
  await steps.step(`Image ${image}`, async () => importImage(machine, config, await webImage(machine)))
  const transport = httpsTransport({ ...(await loadKubeconfig(paths(config).kubeconfig)), clock })
  try {
    const client = createClient(transport)
    await steps.step('Applying examples/web.yaml', async () => {
      for (const object of parseYamlAll(await readFile(join(home, 'examples', 'web.yaml'), 'utf8'))) await ensureObject(client, object as KubeObject)
    })
    await steps.step('Three pods are ready', async (say) => {
      await until('All three pods becoming ready', async () => {
        const { status } = await client.get(deployments, { namespace: 'default', name: 'web' })
        if (status?.readyReplicas === 3 && status.updatedReplicas === 3) return true
        throw new Error(`${status?.readyReplicas ?? 0} are; see kubectl describe pods`)
      }, { clock, deadlineMs: 180_000, everyMs: 100, onWait: say })
    })
    const url = `http://${hostInURL(primaryIP(config))}:${nodePort}/`
    await steps.step(`${url} answers`, async () => {
      await until(`${url} answering`, async () => (await exec.run('curl', ['-fsS', '-m', '2', url])).stdout, { clock, deadlineMs: 30_000 })
    })
    print('')
    for (let turn = 0; turn < 6; turn++) print(`$ curl ${url}\n${(await exec.run('curl', ['-fsS', '-m', '5', url])).stdout.trimEnd()}`)
    print('\nTake it away again with: kubectl delete -f examples/web.yaml')
  } finally {
    transport.close()
  }
}

/** busybox's web server, which tells by the pod's name who answered. */
async function webImage({ exec }: Machine): Promise<Uint8Array> {
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync)
  if (!busybox) throw new Error('Cannot build the demo image: busybox is not in /bin or /usr/bin')
  const applets = (await exec.run(busybox, ['--list'])).stdout.split('\n').filter((name) => name && name !== 'busybox')
  return buildImage({
    name: image,
    files: [
      ...(await busyboxFiles(busybox, applets)),
      { path: 'www', directory: true },
      { path: 'start', mode: 0o755, data: Buffer.from('#!/bin/sh\n# As process 1 httpd would not end on TERM.\ntrap "exit 0" TERM\necho "Hello from $(hostname)" >/www/index.html\nhttpd -f -p 8080 -h /www &\nwait\n') },
    ],
    config: { Entrypoint: ['/start'], ExposedPorts: { '8080/tcp': {} } },
  })
}

async function ensureObject(client: Client, object: KubeObject): Promise<void> {
  const [version = '', group = ''] = object.apiVersion.split('/').reverse()
  const kind = findKind(group, version, object.kind)
  if (!kind) throw new Error(`Cannot apply ${object.kind} of ${object.apiVersion}: there is no such kind`)
  const key = { name: object.metadata.name, ...(kind.namespaced && { namespace: object.metadata.namespace ?? 'default' }) }
  try {
    await client.patch(kind, key, { type: 'merge', patch: object })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await client.create(kind, { ...object, metadata: { ...object.metadata, ...key } })
  }
}
