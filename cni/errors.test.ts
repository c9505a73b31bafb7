import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespacesUnavailable, type TestNamespace } from '../host/testing/namespaces.ts'
import { createPlugin, type CniPlugin } from './plugin.ts'
import { code, type CniRequest } from './spec.ts'
import { call, createNetworkLab, json, type NetworkLab } from './testing/network-lab.ts'

const skip = namespacesUnavailable()

/** Whatever a runtime gets wrong: the specification's number, and nothing of it stays in kernel or state. */
describe.skipIf(skip)(`wrong calls${skip ? ` (${skip})` : ''}`, { timeout: 120_000 }, () => {
  let lab: NetworkLab
  let plugin: CniPlugin
  let pod: TestNamespace
  let taken: TestNamespace
  const config = (more: Record<string, unknown> = {}) =>
    ({ cniVersion: '1.1.0', name: 'pods', type: 'k8ts', subnets: ['10.244.1.0/24', 'fd00:244:1::/64'], dataDir: lab.dir, rules: 'nftables', ...more })
  const tiny = { name: 'tiny', bridge: 'tiny0', subnets: ['10.99.0.0/30'] }
  const mapped = (mapping: object) => ({ runtimeConfig: { portMappings: [mapping] } })
  /** Kernel and state files, all that there is, but for the address handed out last (a released one rests) and the files of empty networks. */
  const everything = async (): Promise<string> => {
    const names = (await readdir(lab.dir)).filter(name => name.endsWith('.json')).sort()
    const states = (await Promise.all(names.map(name => readFile(join(lab.dir, name), 'utf8')))).map(text => text.replace(/"last":\{[^}]*\}/, '')).filter(text => !text.includes('"attachments":[]'))
    const tables = (await lab.snapshot()).split(/^(?=table )/m).sort()
    return [...tables, await lab.node.sh('ip -o link | sed "s/^[0-9]*: //"'), await pod.sh('ip -o link; ip -o address; ip route'), ...states].join('\n')
  }

  /** What stood after the last call is what stands before the next one. */
  let before: string
  const expectNothingNew = async () => {
    const now = await everything()
    const then = before
    before = now
    expect(now).toBe(then)
  }

  beforeAll(async () => {
    lab = await createNetworkLab('errors')
    plugin = createPlugin(lab.host)
    pod = await lab.namespaces.create('pod')
    taken = await lab.namespaces.create('taken')
    for (const network of [{}, tiny]) {
      const reply = await plugin.handle(call('ADD', { containerID: 'taken', netns: taken.path, ifname: 'name' in network ? 'net1' : 'eth0', config: config({ ...network, ...('name' in network ? {} : mapped({ hostPort: 80, containerPort: 80 })) }) }))
      expect(reply).toMatchObject({ exitCode: 0 })
    }
    before = await everything()
  })
  afterAll(async () => {
    await plugin?.close()
    await lab?.close()
  })

  type Wrong = [what: string, command: string, request: Partial<Omit<CniRequest, 'command' | 'input'>>, config: Record<string, unknown> | string, want: number, says: RegExp]
  const wrong: Wrong[] = [
    ['no command', '', {}, {}, code.invalidEnvironment, /CNI_COMMAND/],
    ['an unknown command', 'PLUG', {}, {}, code.invalidEnvironment, /CNI_COMMAND: PLUG/],
    ['no JSON', 'ADD', {}, '{"cniVersion":"1.0.0"', code.decodingFailure, /not JSON/],
    ['nothing at all', 'ADD', {}, '', code.decodingFailure, /not JSON/],
    ['JSON that is no object', 'DEL', {}, '[]', code.decodingFailure, /not a JSON object/],
    ['JSON with a prototype in it', 'ADD', {}, '{"cniVersion":"1.0.0","name":"pods","type":"k8ts","__proto__":{"subnets":["10.0.0.0/8"]}}', code.unsupportedField, /__proto__/],
    ['an unknown version', 'ADD', {}, { cniVersion: '3.0.0' }, code.incompatibleVersion, /incompatible/],
    ['an unknown version in DEL', 'DEL', {}, { cniVersion: '3.0.0' }, code.incompatibleVersion, /incompatible/],
    ['no version', 'ADD', {}, { cniVersion: undefined }, code.incompatibleVersion, /incompatible/],
    ['CHECK before there was one', 'CHECK', {}, { cniVersion: '0.3.1' }, code.incompatibleVersion, /does not allow CHECK/],
    ['GC before there was one', 'GC', {}, { cniVersion: '1.0.0' }, code.incompatibleVersion, /does not allow GC/],
    ['an unknown field', 'ADD', {}, { vlan: 7 }, code.unsupportedField, /"vlan": 7/],
    ['a name that is a path', 'ADD', {}, { name: '../x' }, code.invalidConfig, /name/],
    ['no subnet yet', 'ADD', {}, { subnets: [] }, code.tryAgainLater, /no subnet/],
    ['no container', 'ADD', { containerID: '' }, {}, code.invalidEnvironment, /CNI_CONTAINERID/],
    ['a container that is a path', 'ADD', { containerID: '../x' }, {}, code.invalidEnvironment, /CNI_CONTAINERID/],
    ['no link name', 'DEL', { ifname: '' }, {}, code.invalidEnvironment, /CNI_IFNAME/],
    ['a link name that is too long', 'ADD', { ifname: 'a-name-of-sixteen' }, {}, code.invalidEnvironment, /CNI_IFNAME/],
    ['no namespace', 'ADD', { netns: '' }, {}, code.invalidEnvironment, /CNI_NETNS/],
    ['a namespace that is gone', 'ADD', { netns: '/run/netns/k8ts-gone' }, {}, code.unknownContainer, /does not exist/],
    ['a namespace that is none', 'ADD', { netns: '/etc/hostname' }, {}, code.invalidNetns, /no network namespace/],
    ['a namespace of another kind', 'ADD', { netns: '/proc/self/ns/uts' }, {}, code.invalidNetns, /no network namespace/],
    ['the namespace of ourselves', 'ADD', { netns: '/proc/self/ns/net' }, {}, code.invalidNetns, /of the node itself/],
    ['arguments that are none', 'ADD', { args: 'x' }, {}, code.invalidEnvironment, /CNI_ARGS/],
    ['a link name that is taken', 'ADD', { ifname: 'lo' }, {}, code.alreadyAttached, /already has a link lo/],
    ['an attachment twice', 'ADD', { containerID: 'taken' }, {}, code.alreadyAttached, /already attached/],
    ['a host port twice', 'ADD', {}, mapped({ hostPort: 80, containerPort: 81 }), code.hostPortTaken, /host port tcp 80 is taken/],
    ['a range that is full', 'ADD', {}, tiny, code.exhausted, /no free address/],
    ['a full range, asked before', 'STATUS', {}, tiny, code.notAvailable, /no free address/],
    ['a result that is none', 'ADD', {}, { prevResult: 'x' }, code.decodingFailure, /prevResult/],
    ['CHECK of nobody', 'CHECK', {}, { prevResult: {} }, code.unknownContainer, /not attached/],
    ['CHECK without a result', 'CHECK', { containerID: 'taken' }, {}, code.invalidConfig, /prevResult/],
    ['GC without attachments', 'GC', {}, {}, code.invalidConfig, /valid-attachments/],
    ['a bridge that is something else', 'ADD', {}, { name: 'odd', bridge: 'eth0' }, code.internal, /eth0 is there but is no bridge/],
  ]
  test.each(wrong)('%s', async (_, command, request, given, want, says) => {
    const netns = { netns: pod.path, ...request }
    const reply = await plugin.handle(call(command, { containerID: 'wrong', ...netns, config: typeof given === 'string' ? given : config(given) }))
    expect(reply.exitCode).toBe(1)
    const { code: number, msg, cniVersion } = json(reply)
    expect({ number, cniVersion: typeof cniVersion }).toEqual({ number: want, cniVersion: 'string' })
    expect(`${String(msg)} ${String(json(reply)['details'] ?? '')}`).toMatch(says)
    await expectNothingNew()
  })

  test('a storm: adds, deletes and checks of the same few pods by many at once end in order', async () => {
    const namespaces = await Promise.all(Array.from({ length: 8 }, (_, n) => lab.namespaces.create(`s${n}`)))
    const one = (command: string, n: number) => plugin.handle(call(command, { containerID: `storm-${n}`, netns: namespaces[n]!.path, config: config({ ...mapped({ hostPort: 9000 + n, containerPort: 80 }) }) }))
    const replies = await Promise.all(Array.from({ length: 32 }, (_, k) => one(['ADD', 'ADD', 'DEL', 'ADD'][Math.floor(k / 8)]!, k % 8)))
    const codes = replies.map(reply => reply.exitCode === 0 ? 0 : json(reply)['code'])
    // For each pod: added, refused, removed, added again.
    expect(codes).toEqual([0, code.alreadyAttached, 0, 0].flatMap(number => Array.from({ length: 8 }, () => number)))
    expect(new Set(replies.slice(24).map(reply => JSON.stringify(json(reply)['ips']))).size).toBe(8)
    const last = await Promise.all(Array.from({ length: 32 }, (_, k) => one('DEL', k % 8)))
    expect(last.every(reply => reply.exitCode === 0 && reply.output === '')).toBe(true)
    await expectNothingNew()
  })

  test('more pods at once than there are addresses: as many as fit, the others are told so, and all can go', async () => {
    const namespaces = await Promise.all(Array.from({ length: 8 }, (_, n) => lab.namespaces.create(`f${n}`)))
    const small = { name: 'small', bridge: 'small0', subnets: ['10.98.0.0/29'] }
    const one = (command: string, n: number) => plugin.handle(call(command, { containerID: `full-${n}`, netns: namespaces[n]!.path, config: config(small) }))
    const replies = await Promise.all(namespaces.map((_, n) => one('ADD', n)))
    expect(replies.map(reply => reply.exitCode === 0 ? 0 : json(reply)['code']).sort()).toEqual([0, 0, 0, 0, 0, code.exhausted, code.exhausted, code.exhausted])
    expect((await Promise.all(namespaces.map((_, n) => one('DEL', n)))).every(reply => reply.exitCode === 0)).toBe(true)
    expect(await lab.node.sh('ip -o link show master small0')).toBe('')
    expect(await readFile(join(lab.dir, (await readdir(lab.dir)).find(name => name.startsWith('small-'))!), 'utf8')).toContain('"attachments":[]')
  })
})
