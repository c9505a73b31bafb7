import { addressBytes, contains, parseReverse, reverseLabels, type Network } from '../addresses.ts'
import { rcodes, types, type Answer, type Bytes, type Name, type Question, type ResourceRecord } from '../message.ts'
import { join, labelsOf } from '../names.ts'
import { address, cname, hinfo, ptr, txt } from '../records.ts'
import type { ClusterRecords } from './cluster-index.ts'
import type { ServiceView } from './service-view.ts'
import { nameServerOf, nsOf, soaOf } from './zone.ts'

/** What the cluster's zones are, beside its objects. */
export interface ClusterZones {
  /** Networks of pods and of Services: what is not found in them exists nowhere else. */
  readonly networks: readonly Network[]
  /** Where this DNS is asked: the addresses of the Service `kube-dns`. */
  readonly servers: readonly Bytes[]
  /** Whether an address may be a pod's: decides on names like `10-1-2-3.default.pod.cluster.local`. */
  mayBePod(address: Bytes): boolean
}

/** An answer of ours. `follow`: it ends with a CNAME to a name of others, whose records belong behind it. */
export interface ClusterAnswer extends Answer {
  readonly follow?: Name
}

/** What stands at a name: records by type, or nothing of its own (`records` empty) because only deeper names have some. */
interface Found {
  readonly records: readonly ResourceRecord[]
  readonly additional?: readonly ResourceRecord[]
  readonly alias?: Name
}

/** The specification's version is to be kept longer than everything else (its example, 2.2). */
const versionTTL = 28_800
const schemaVersion = '1.1.0'
const longestChain = 10

/**
 * The answer to a question of class IN about the cluster's own names, by the Kubernetes DNS specification 1.1 and, where
 * that is silent, as CoreDNS has it. Undefined when the name is not ours. Pure: `chance` in [0, 1) decides which of several addresses
 * comes first.
 */
export function answerFromCluster(question: Question, cluster: ClusterRecords, zones: ClusterZones, chance: number): ClusterAnswer | undefined {
  const labels = labelsOf(question.key)
  const depth = depthBelow(labels, question.key, cluster.domain)
  if (depth === undefined) return answerReverse(question, labels, cluster, zones)
  const chain: ResourceRecord[] = []
  let found = lookUp(labels.slice(0, depth), question, cluster, zones)
  for (let key = question.key; found?.alias && !stopsAtAlias(question);) {
    chain.push(cname(key, cluster.ttl, found.alias))
    key = found.alias
    const next = labelsOf(key)
    const below = depthBelow(next, key, cluster.domain)
    if (below === undefined) return { ...answering(chain), follow: key }
    // A ring, or a chain that nobody wants to follow: what there is of it is the answer.
    if (chain.length >= longestChain || chain.some(({ name }) => name === key)) return answering(chain)
    found = lookUp(next.slice(0, below), { key, type: question.type }, cluster, zones)
  }
  const own = found?.alias ? [cname(question.key, cluster.ttl, found.alias)] : recordsOf(found, question, chance)
  const records = [...chain, ...own]
  if (own.length) return answering(records, found ? additionalOf(found, question) : [])
  const authority = [cluster.soa]
  if (found) return { ...answering(records), authority }
  return { ...answering(records), rcode: cluster.complete ? rcodes.NXDOMAIN : rcodes.SERVFAIL, authority: cluster.complete ? authority : [] }
}

const stopsAtAlias = ({ type }: Question): boolean => type === types.CNAME || type === types.ANY

const answering = (answers: readonly ResourceRecord[], additional: readonly ResourceRecord[] = []): Answer =>
  ({ rcode: rcodes.NOERROR, authoritative: true, answers, authority: [], additional })

const additionalOf = (found: Found, { type }: Question): readonly ResourceRecord[] => (type === types.SRV || type === types.NS ? found.additional ?? [] : [])

/** How many labels a name has below a zone; undefined when it is not in it. The bytes alone could deceive: a label may hold a dot or a length. */
function depthBelow(labels: readonly string[], key: Name, zone: Name): number | undefined {
  if (!key.endsWith(zone)) return undefined
  let rest = key.length
  let depth = 0
  for (; rest > zone.length; depth += 1) rest -= labels[depth]!.length + 1
  return rest === zone.length ? depth : undefined
}

/** The records of the asked type, several addresses in turn. ANY gets the least that is an answer (RFC 8482). */
function recordsOf(found: Found | undefined, { type, key }: Question, chance: number): readonly ResourceRecord[] {
  if (!found) return []
  if (type === types.ANY) return [hinfo(key, 3600, 'RFC8482', '')]
  const records = found.records.filter((record) => record.type === type)
  if (type !== types.A && type !== types.AAAA) return records
  const first = Math.floor(chance * records.length)
  return first === 0 ? records : [...records.slice(first), ...records.slice(0, first)]
}

/** What stands at a name of the cluster's zone, by its labels below the zone; undefined when there is nothing there or below. */
function lookUp(labels: readonly string[], { key, type }: Pick<Question, 'key' | 'type'>, cluster: ClusterRecords, zones: ClusterZones): Found | undefined {
  const [first, second, third] = [labels.at(-1), labels.at(-2), labels.at(-3)]
  const servers = () => zones.servers.map((bytes) => address(nameServerOf(cluster.domain), cluster.ttl, bytes))
  if (first === undefined) return { records: [cluster.soa, nsOf(cluster.domain, cluster.ttl)], additional: servers() }
  if (first === 'dns-version') return labels.length === 1 ? { records: [txt(key, versionTTL, schemaVersion)] } : undefined
  if (first === 'dns') return labels.length === 1 ? { records: [] } : second === 'ns' && labels.length === 2 ? { records: servers() } : undefined
  if (first !== 'svc' && first !== 'pod') return undefined
  if (second === undefined) return { records: [] }
  if (third === undefined) return cluster.hasNamespace(second) ? { records: [] } : undefined
  if (first === 'pod') return labels.length === 3 && cluster.hasNamespace(second) ? podRecord(third, key, cluster, zones) : undefined
  const view = cluster.service(second, third)
  return view?.exists ? inService(view, labels.slice(0, -3), type) : undefined
}

/** By the labels left of a Service's name: none, a host, a protocol, or port and protocol. */
function inService(view: ServiceView, rest: readonly string[], type: number): Found | undefined {
  const [first = '', second = ''] = rest
  if (rest.length === 0) return view.target ? { records: [], alias: view.target } : withSrv(view, type)
  if (rest.length === 1) {
    const host = view.hosts().get(first)
    if (host) return withSrv(host, type)
    return first.startsWith('_') && view.ports().has(first.slice(1)) ? { records: [] } : undefined
  }
  if (rest.length > 2 || !first.startsWith('_') || !second.startsWith('_')) return undefined
  const port = view.ports().get(second.slice(1))?.get(first.slice(1))
  return port && { records: port.records, additional: port.targets }
}

function withSrv({ addresses, srv }: Pick<ServiceView, 'addresses' | 'srv'>, type: number): Found {
  if (type !== types.SRV) return { records: addresses }
  const { records, targets } = srv()
  return { records, additional: targets }
}

/** `10-1-2-3` and `fd00--1-2`: the name says the address. */
function podRecord(label: string, key: Name, cluster: ClusterRecords, zones: ClusterZones): Found | undefined {
  const bytes = addressBytes(/^\d+-\d+-\d+-\d+$/.test(label) ? label.replaceAll('-', '.') : label.replaceAll('-', ':'))
  return bytes && zones.mayBePod(bytes) ? { records: [address(key, cluster.ttl, bytes)] } : undefined
}

/**
 * Names of addresses. Those that we have are ours whatever network they are in; what we do not have is answered
 * for the cluster's networks and asked of others elsewhere (`fallthrough in-addr.arpa ip6.arpa`).
 */
function answerReverse(question: Question, labels: readonly string[], cluster: ClusterRecords, zones: ClusterZones): Answer | undefined {
  const reverse = parseReverse(labels)
  if (!reverse) return undefined
  const names = reverse.address === undefined ? [] : cluster.namesOf(reverse.address)
  const zone = zones.networks.map((network) => reverseZone(network, reverse)).find((found) => found !== undefined)
  if (!zone) return names.length && question.type === types.PTR ? answering(names.map((name) => ptr(question.key, cluster.ttl, name))) : undefined
  const apex = zone === question.key
  const found: Found | undefined = names.length ? { records: names.map((name) => ptr(question.key, cluster.ttl, name)) }
    : apex ? { records: [soaOf(zone, cluster.ttl, cluster.serial), nsOf(zone, cluster.ttl)] }
      : reverse.address === undefined ? { records: [] } : undefined
  const records = recordsOf(found, question, 0)
  if (records.length) return answering(records)
  if (!found && !cluster.complete) return { ...answering([]), rcode: rcodes.SERVFAIL }
  return { ...answering([]), rcode: found ? rcodes.NOERROR : rcodes.NXDOMAIN, authority: [soaOf(zone, cluster.ttl, cluster.serial)] }
}

/** The zone of a network that a reverse name is in: networks that end within a label have several, one for each value of that label. */
function reverseZone({ base, prefix }: Network, { family, parts, address: whole }: NonNullable<ReturnType<typeof parseReverse>>): Name | undefined {
  if (base.length !== (family === 4 ? 4 : 16)) return undefined
  const unit = family === 4 ? 8 : 4
  const depth = Math.ceil(prefix / unit)
  if (parts.length < depth) return undefined
  const padded = whole ?? addressOf(family, parts)
  if (!contains({ base, prefix }, padded)) return undefined
  return join([...reverseLabels(padded).slice(-depth || Infinity), family === 4 ? 'in-addr' : 'ip6', 'arpa'])
}

/** The address that begins with these parts and goes on with zeros. */
function addressOf(family: 4 | 6, parts: readonly number[]): Bytes {
  const at = (index: number) => parts[index] ?? 0
  return family === 4 ? String.fromCharCode(...[0, 1, 2, 3].map(at)) : String.fromCharCode(...Array.from({ length: 16 }, (_, index) => at(index * 2) * 16 + at(index * 2 + 1)))
}
