import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

/** What a service of a cluster with these ranges becomes, or is refused for. */
interface Case { readonly name: string; readonly cidrs: readonly string[]; readonly spec: object; readonly families?: string[]; readonly policy?: string; readonly ips?: RegExp[] | string[]; readonly refused?: string }

const v4 = '10.96.0.0/24', v6 = 'fd00:96::/112'
const four = /^10\.96\.0\.\d+$/, six = /^fd00:96::[0-9a-f]+$/
const headless = { clusterIP: 'None', selector: { a: 'b' } }, selectorless = { clusterIP: 'None' }
const clusters = { IPv4: [v4], IPv6: [v6], both: [v4, v6], turned: [v6, v4] } as const

const servers = new Map<string, TestServer>()
beforeAll(async () => { for (const cidrs of Object.values(clusters)) servers.set(cidrs.join(), await startTestServer({ serviceCIDRs: cidrs })) })
afterAll(async () => { await Promise.all([...servers.values()].map((server) => server.close())) })

const path = '/api/v1/namespaces/default/services'
const of = (cidrs: readonly string[]) => {
  const server = servers.get(cidrs.join())!
  return {
    create: async (name: string, spec: object, query = '') => (await server.call('POST', path + query, { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })).body,
    replace: async (object: any, edit: (spec: any) => void) => { const next = structuredClone(object); edit(next.spec); return (await server.call('PUT', `${path}/${object.metadata.name}`, next)).body },
    patch: async (name: string, spec: object) => (await server.call('PATCH', `${path}/${name}`, { spec }, { headers: { 'content-type': 'application/merge-patch+json' } })).body,
    remove: (name: string) => server.call('DELETE', `${path}/${name}`),
    get: async (what: string) => (await server.call('GET', what)).body,
  }
}

describe('a new service', () => {
  const { IPv4, IPv6, both, turned } = clusters
  test.for<Case>([
    { name: 'says nothing, IPv4', cidrs: IPv4, spec: {}, families: ['IPv4'], policy: 'SingleStack', ips: [four] },
    { name: 'says nothing, IPv6', cidrs: IPv6, spec: {}, families: ['IPv6'], policy: 'SingleStack', ips: [six] },
    { name: 'says nothing, both', cidrs: both, spec: {}, families: ['IPv4'], policy: 'SingleStack', ips: [four] },
    { name: 'says nothing, IPv6 first', cidrs: turned, spec: {}, families: ['IPv6'], policy: 'SingleStack', ips: [six] },
    { name: 'prefers two, has one', cidrs: IPv4, spec: { ipFamilyPolicy: 'PreferDualStack' }, families: ['IPv4'], policy: 'PreferDualStack', ips: [four] },
    { name: 'prefers two, has two', cidrs: both, spec: { ipFamilyPolicy: 'PreferDualStack' }, families: ['IPv4', 'IPv6'], policy: 'PreferDualStack', ips: [four, six] },
    { name: 'prefers two, IPv6 first', cidrs: turned, spec: { ipFamilyPolicy: 'PreferDualStack' }, families: ['IPv6', 'IPv4'], ips: [six, four] },
    { name: 'requires two, in its own order', cidrs: both, spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] }, families: ['IPv6', 'IPv4'], ips: [six, four] },
    { name: 'requires two, names one', cidrs: both, spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }, families: ['IPv6', 'IPv4'], ips: [six, four] },
    { name: 'the second family alone', cidrs: both, spec: { ipFamilies: ['IPv6'] }, families: ['IPv6'], policy: 'SingleStack', ips: [six] },
    { name: 'an address of the second family', cidrs: both, spec: { clusterIP: 'fd00:96::77' }, families: ['IPv6'], policy: 'SingleStack', ips: ['fd00:96::77'] },
    { name: 'two addresses', cidrs: both, spec: { ipFamilyPolicy: 'PreferDualStack', clusterIP: 'fd00:96::78', clusterIPs: ['fd00:96::78', '10.96.0.78'] }, families: ['IPv6', 'IPv4'], ips: ['fd00:96::78', '10.96.0.78'] },
    { name: 'one address of two', cidrs: both, spec: { ipFamilyPolicy: 'RequireDualStack', clusterIP: '10.96.0.79' }, families: ['IPv4', 'IPv6'], ips: [/^10\.96\.0\.79$/, six] },
    { name: 'headless', cidrs: both, spec: headless, families: ['IPv4'], policy: 'SingleStack', ips: ['None'] },
    { name: 'headless, prefers two', cidrs: both, spec: { ...headless, ipFamilyPolicy: 'PreferDualStack' }, families: ['IPv4', 'IPv6'], ips: ['None'] },
    { name: 'headless, requires two, has one', cidrs: IPv4, spec: { ...headless, ipFamilyPolicy: 'RequireDualStack' }, refused: 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services' },
    { name: 'headless without selector is of both', cidrs: IPv4, spec: selectorless, families: ['IPv4', 'IPv6'], policy: 'RequireDualStack', ips: ['None'] },
    { name: 'headless without selector, IPv6', cidrs: IPv6, spec: selectorless, families: ['IPv6', 'IPv4'], policy: 'RequireDualStack', ips: ['None'] },
    { name: 'headless without selector, one family', cidrs: IPv4, spec: { ...selectorless, ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] }, families: ['IPv6'], policy: 'SingleStack', ips: ['None'] },
    { name: 'requires two, has one', cidrs: IPv6, spec: { ipFamilyPolicy: 'RequireDualStack' }, refused: 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services' },
    { name: 'a family there is not', cidrs: IPv6, spec: { ipFamilies: ['IPv4'] }, refused: 'spec.ipFamilies[0]: Invalid value: "IPv4": not configured on this cluster' },
    { name: 'an address of a family there is not', cidrs: IPv4, spec: { clusterIP: 'fd00:96::1' }, refused: 'spec.clusterIPs[0]: Invalid value: ["fd00:96::1"]: IPv6 is not configured on this cluster' },
    { name: 'two families for one', cidrs: both, spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] }, refused: 'spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple IP families are specified' },
    { name: 'two families and no policy', cidrs: both, spec: { ipFamilies: ['IPv4', 'IPv6'] }, refused: 'spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple IP families are specified' },
    { name: 'two addresses for one', cidrs: both, spec: { clusterIP: '10.96.0.80', clusterIPs: ['10.96.0.80', 'fd00:96::80'] }, refused: 'spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple cluster IPs are specified' },
    { name: 'an address of the other family', cidrs: both, spec: { ipFamilies: ['IPv4'], clusterIP: 'fd00:96::81' }, refused: 'spec.clusterIPs[0]: Invalid value: "fd00:96::81": expected an IPv4 value as indicated by `ipFamilies[0]`' },
    { name: 'an address out of range', cidrs: both, spec: { clusterIP: 'fd00:97::1' }, refused: 'spec.clusterIPs: Invalid value: ["fd00:97::1"]: failed to allocate IP fd00:97::1: the provided network does not match the current range' },
  ])('$name', async ({ cidrs, spec, families, policy, ips, refused }) => {
    const { create, remove } = of(cidrs)
    for (const query of ['?dryRun=All', '']) {
      const made = await create('web', spec, query)
      if (refused) {
        expect(made).toMatchObject({ code: 422, message: `Service "web" is invalid: ${refused}` })
        continue
      }
      expect(made.spec, JSON.stringify(made)).toMatchObject({ ipFamilies: families, ...(policy && { ipFamilyPolicy: policy }), clusterIPs: ips!.map((ip) => (typeof ip === 'string' ? ip : expect.stringMatching(ip))) })
      expect(made.spec.clusterIP).toBe(made.spec.clusterIPs[0])
    }
    await remove('web')
  })

  test('an ExternalName is of no family', async () => {
    const { create, remove } = of(both)
    const { spec } = await create('out', { type: 'ExternalName', externalName: 'example.com' })
    expect([spec.ipFamilies, spec.ipFamilyPolicy, spec.clusterIP]).toEqual([undefined, undefined, undefined])
    await remove('out')
  })
})

describe('the service kubernetes', () => {
  test.for([{ cidrs: clusters.both, ip: '10.96.0.1' }, { cidrs: clusters.turned, ip: 'fd00:96::1' }])('has the first address of $cidrs', async ({ cidrs, ip }) => {
    const { get } = of(cidrs)
    expect((await get(`${path}/kubernetes`)).spec).toMatchObject({ clusterIPs: [ip], ipFamilyPolicy: 'SingleStack' })
    expect((await get('/apis/networking.k8s.io/v1/servicecidrs/kubernetes')).spec).toEqual({ cidrs })
    expect((await get(`/apis/networking.k8s.io/v1/ipaddresses/${ip}`)).metadata.labels['ipaddress.kubernetes.io/ip-family']).toBe(ip.includes(':') ? 'IPv6' : 'IPv4')
  })
})

describe('a service that changes', () => {
  let { create, replace, patch, remove, get }: ReturnType<typeof of> = {} as never
  beforeAll(() => { ({ create, replace, patch, remove, get } = of(clusters.both)) })

  test('gets a second address and gives it back', async () => {
    const one = await create('up', {})
    const two = await patch('up', { ipFamilyPolicy: 'PreferDualStack' })
    expect(two.spec).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'], clusterIPs: [one.spec.clusterIP, expect.stringMatching(six)] })
    const record = `/apis/networking.k8s.io/v1/ipaddresses/${two.spec.clusterIPs[1]}`
    expect((await get(record)).spec.parentRef).toMatchObject({ name: 'up' })
    // The manifest that says nothing of addresses, applied again, changes none.
    expect((await replace(two, (spec) => { for (const name of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[name] })).spec).toMatchObject({ clusterIPs: two.spec.clusterIPs, ipFamilyPolicy: 'PreferDualStack' })
    const back = await patch('up', { ipFamilyPolicy: 'SingleStack' })
    expect(back.spec).toMatchObject({ ipFamilies: ['IPv4'], clusterIPs: [one.spec.clusterIP], clusterIP: one.spec.clusterIP })
    expect(await get(record)).toMatchObject({ code: 404 })
    await remove('up')
  })

  test('may name the address it gets, and the family it keeps', async () => {
    const one = await create('named', {})
    const two = await replace(one, (spec) => { spec.ipFamilyPolicy = 'RequireDualStack'; spec.clusterIPs.push('fd00:96::99') })
    expect(two.spec).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'], clusterIPs: [one.spec.clusterIP, 'fd00:96::99'] })
    expect(await replace(two, (spec) => { spec.clusterIPs.pop() })).toMatchObject({ code: 422, message: expect.stringContaining("spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be 'SingleStack' to release the secondary cluster IP") })
    expect(await replace(two, (spec) => { spec.ipFamilies.reverse() })).toMatchObject({ code: 422, message: expect.stringContaining('spec.clusterIPs[1]: Invalid value: "fd00:96::99": expected an IPv4 value as indicated by `ipFamilies[1]`') })
    expect((await replace(two, (spec) => { spec.clusterIPs.pop(); spec.ipFamilies.pop(); spec.ipFamilyPolicy = 'SingleStack' })).spec).toMatchObject({ clusterIPs: [one.spec.clusterIP], ipFamilies: ['IPv4'] })
    await remove('named')
  })

  test('into ExternalName lets go of both, and has two again afterwards', async () => {
    const { spec } = await create('both', { ipFamilyPolicy: 'RequireDualStack' })
    const external = await patch('both', { type: 'ExternalName', externalName: 'example.com' })
    expect([external.spec.clusterIPs, external.spec.ipFamilies]).toEqual([undefined, undefined])
    for (const ip of spec.clusterIPs) expect(await get(`/apis/networking.k8s.io/v1/ipaddresses/${ip}`)).toMatchObject({ code: 404 })
    expect((await patch('both', { type: 'ClusterIP', externalName: null, ipFamilyPolicy: 'PreferDualStack' })).spec).toMatchObject({ clusterIPs: [expect.stringMatching(four), expect.stringMatching(six)] })
    await remove('both')
  })

  test('an address written in another form is held in the one form it has', async () => {
    expect((await create('odd', { clusterIP: 'FD00:96::0:AB' })).spec.clusterIP).toBe('FD00:96::0:AB')
    expect(await create('even', { clusterIP: 'fd00:96::ab' })).toMatchObject({ code: 422, message: expect.stringContaining('provided IP is already allocated') })
    expect((await get('/apis/networking.k8s.io/v1/ipaddresses/fd00:96::ab')).spec.parentRef.name).toBe('odd')
    await remove('odd')
    expect((await create('even', { clusterIP: 'fd00:96::ab' })).kind).toBe('Service')
    await remove('even')
  })
})
