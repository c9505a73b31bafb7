import { join } from 'node:path'
import type { KeyPair } from '../../control/pki/certificate.ts'
import { exists, readIfExists, writeAtomic } from '../../host/files.ts'
import type { NodeKeys } from '../keys.ts'
import { paths, type Layout } from '../layout.ts'

/**
 * What a worker keeps of keys. A certificate and its key are one file, replaced in one step: a node that were killed between the two would have
 * locked itself out. (The server's lie in two files each, as kubeadm has them; there they can be made again.)
 */
export const workerFiles = (layout: Layout) => {
  const { pki } = paths(layout)
  return {
    ca: join(pki, 'ca.crt'), client: join(pki, 'node-client.pem'), serving: join(pki, 'node-serving.pem'),
    /** The key of a request that has no answer yet: who asks again asks for the same. */
    pendingClient: join(pki, 'node-client.pending.key'),
  }
}

/** The keys of a worker. Rejects with a sentence when this machine cannot prove which node it is. */
export async function loadWorkerKeys(layout: Layout): Promise<NodeKeys> {
  const files = workerFiles(layout)
  const [ca, client, serving] = await Promise.all([readIfExists(files.ca), readPair(files.client), readPair(files.serving)])
  if (ca === undefined || !client) throw new Error(`The certificate of this node is not in ${paths(layout).pki}: join again with ./k8ts join, with a new token`)
  return { ca, client, serving }
}

/** Undefined when there is none, or it is damaged. */
export async function readPair(file: string): Promise<KeyPair | undefined> {
  const text = (await readIfExists(file)) ?? ''
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g) ?? []
  const key = blocks.find((block) => block.includes('PRIVATE KEY'))
  const certificate = blocks.filter((block) => block.includes('BEGIN CERTIFICATE')).join('')
  return key && certificate ? { key, certificate } : undefined
}

export const writePair = (file: string, { certificate, key }: KeyPair): Promise<void> => writeAtomic(file, `${certificate.trimEnd()}\n${key.trimEnd()}\n`)

/** The key kept in a file; made by `make` and kept before anybody hears of it. */
export async function keptKey(file: string, make: () => Promise<string>): Promise<string> {
  if (!(await exists(file))) await writeAtomic(file, await make())
  return (await readIfExists(file))!
}

