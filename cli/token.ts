import { createClient } from '../api/client/create-client.ts'
import type { Client } from '../api/client/client.ts'
import { isAlreadyExists, isNotFound } from '../api/errors.ts'
import { configMaps } from '../api/kinds/core-v1/config-map.ts'
import { secrets } from '../api/kinds/core-v1/secret.ts'
import { bootstrapToken, bootstrapTokenType, endOf } from '../control/pki/bootstrap-token.ts'
import { rfc3339 } from '../host/clock.ts'
import { readIfExists } from '../host/files.ts'
import { loadConfig, type Config } from './config.ts'
import { newToken, parseToken, tokenText, type TokenText } from './join/bootstrap-token.ts'
import { caHash, clusterInfoPlace } from './join/cluster-settings.ts'
import { apiServerURL } from './keys.ts'
import { paths, type Layout } from './layout.ts'
import type { Machine } from './machine.ts'
import { openMember } from './up/node-ready.ts'
import { until } from './wait.ts'

/** The group of whoever shows such a token, beside `system:bootstrappers`. */
const group = 'system:bootstrappers:k8ts:default-node-token'
const namespace = 'kube-system'
const nameOf = (id: string): string => `bootstrap-token-${id}`

type Tools = Pick<Machine, 'clock'>
type Print = (line: string) => void

export interface TokenCreation {
  readonly layout: Layout
  /** Given, not drawn: for machines that are set up together and agreed on it before. */
  readonly token: TokenText | undefined
  /** Seconds; 0: for ever. */
  readonly ttl: number
  readonly description: string
  /** The token alone, for scripts. */
  readonly bare: boolean
}

/** Makes a token with which machines can join, as kubeadm does, and prints how. Resolves once the cluster's own words are signed with it. */
export async function createToken({ layout, token = newToken(), ttl, description, bare }: TokenCreation, { clock }: Tools, print: Print): Promise<void> {
  const config = await serverConfig(layout)
  const began = clock.now()
  await asAdmin(config, { clock }, async (client) => {
    const stringData = {
      'token-id': token.id, 'token-secret': token.secret, 'usage-bootstrap-authentication': 'true', 'usage-bootstrap-signing': 'true', 'auth-extra-groups': group,
      ...(description && { description }), ...(ttl > 0 && { expiration: rfc3339(began + ttl * 1000) }),
    }
    const secret = { metadata: { namespace, name: nameOf(token.id) }, type: bootstrapTokenType, stringData }
    await client.create(secrets, secret).catch(async (error: unknown) => {
      if (!isAlreadyExists(error)) throw error
      const there = bootstrapToken(await client.get(secrets, secret.metadata))
      if (there?.secret !== token.secret) throw new Error(`There is another token ${token.id}; delete it first with ./k8ts token delete ${token.id}`)
      // The same once more: its time begins anew.
      await client.patch(secrets, secret.metadata, { type: 'merge', patch: { stringData, ...(ttl === 0 && { data: { expiration: null } }) } })
    })
    await until('The signature with the new token', async () => {
      const { data } = await client.get(configMaps, clusterInfoPlace)
      // One for a moment may have ended meanwhile.
      return data?.[`jws-kubeconfig-${token.id}`] || (ttl > 0 && clock.now() > began + ttl * 1000) ? true : undefined
    }, { clock, deadlineMs: 20_000, everyMs: 50 })
  })
  print(bare ? tokenText(token) : await joinCommand(config, token))
}

/** What to type on a machine that shall join. */
async function joinCommand(config: Config, token: TokenText): Promise<string> {
  const ca = await readIfExists(`${paths(config).pki}/ca.crt`)
  if (ca === undefined) throw new Error('The certificate of the cluster\'s authority is missing; run k8ts up to mend it')
  return `./k8ts join ${apiServerURL(config).replace('https://', '')} --token ${tokenText(token)} --ca-hash ${caHash(ca)}`
}

/** Prints the tokens there are, without their secrets. */
export async function listTokens({ layout }: { layout: Layout }, { clock }: Tools, print: Print): Promise<void> {
  await asAdmin(await serverConfig(layout), { clock }, async (client) => {
    const { items } = await client.list(secrets, { namespace, fieldSelector: `type=${bootstrapTokenType}` })
    const rows = items.flatMap((secret) => {
      const token = bootstrapToken(secret)
      const description = Buffer.from(secret.data?.['description'] ?? '', 'base64').toString()
      return token ? [[token.id, token.expiration ? timeLeft(endOf(token.expiration) - clock.now()) : '<forever>', token.usages.join(','), description || '<none>']] : []
    })
    for (const [id, left, usages, description] of [['TOKEN', 'TTL', 'USAGES', 'DESCRIPTION'], ...rows]) print(`${id!.padEnd(8)} ${left!.padEnd(10)} ${usages!.padEnd(24)} ${description}`)
  })
}

const timeLeft = (ms: number): string => (ms <= 0 ? '<expired>' : ms < 3_600_000 ? `${Math.ceil(ms / 60_000)}m` : `${Math.floor(ms / 3_600_000)}h`)

/** Takes a token back, by its first half or whole. Nodes that joined with it stay. */
export async function deleteToken({ layout, token }: { layout: Layout; token: string }, { clock }: Tools, print: Print): Promise<void> {
  const id = parseToken(token)?.id ?? token
  if (!/^[a-z0-9]{6}$/.test(id)) throw new Error(`${JSON.stringify(id)} is not the first half of a token, six letters and digits`)
  await asAdmin(await serverConfig(layout), { clock }, async (client) => {
    await client.delete(secrets, { namespace, name: nameOf(id) }).catch((error: unknown) => {
      throw isNotFound(error) ? new Error(`There is no token ${id}`) : error
    })
  })
  print(`Token ${id} is deleted`)
}

async function serverConfig(layout: Layout): Promise<Config> {
  const config = await loadConfig(layout)
  if (!config) throw new Error('There is no cluster on this machine. Make one with ./k8ts up')
  if (config.role !== 'server') throw new Error(`This machine is a worker; tokens are made on the server, ${config.serverURL}`)
  return config
}

async function asAdmin(config: Config, { clock }: Tools, work: (client: Client) => Promise<void>): Promise<void> {
  const member = await openMember(config, clock)
  try {
    await work(createClient(member.transport))
  } finally {
    member.close()
  }
}
