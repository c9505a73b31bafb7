import { afterAll, beforeAll, describe } from 'vitest'
import type { Family, Protocol } from '../../proxy/table.ts'
import { FlowCluster, type Contender, type Environment, type Traits } from './flow-cluster.ts'
import { affinityFlows } from './flows/affinity.ts'
import { badInputFlows } from './flows/bad-input.ts'
import { clusterIPFlows } from './flows/cluster-ip.ts'
import { dualStackFlows } from './flows/dual-stack.ts'
import { externalFlows } from './flows/external.ts'
import { healingFlows } from './flows/healing.ts'
import { nodePortFlows } from './flows/node-port.ts'
import { policyFlows } from './flows/policies.ts'
import { updateFlows } from './flows/updates.ts'

/** What a theme of the suite gets: the cluster once it stands, and what is known before. */
export interface FlowContext {
  cluster(): FlowCluster
  readonly families: readonly Family[]
  readonly protocols: readonly Protocol[]
  readonly traits: Traits
  readonly contender: Contender
}

type Themes = Readonly<Record<string, (context: FlowContext) => void>>

/** In this order: the last one takes everything away. */
const themes: Themes = {
  clusterIPFlows, nodePortFlows, externalFlows, policyFlows, affinityFlows, dualStackFlows, updateFlows, badInputFlows, healingFlows,
}

/** The table of packet flows that every backend passes, with real packets through a real kernel. `unavailable`: why it cannot be had here. `also`: what only this one does. */
export function packetFlowSuite(contender: Contender, environment: Environment, unavailable?: string, also: Themes = {}): void {
  describe.skipIf(unavailable)(`packet flows through ${contender.name}${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
    let cluster: FlowCluster
    beforeAll(async () => { cluster = await FlowCluster.start(contender, environment) })
    afterAll(() => cluster?.close())

    const context: FlowContext = {
      cluster: () => cluster,
      families: environment.families,
      protocols: environment.protocols.filter((protocol) => (contender.traits.protocols ?? environment.protocols).includes(protocol)),
      traits: contender.traits,
      contender,
    }
    for (const theme of Object.values({ ...also, ...themes })) theme(context)
  })
}

/**
 * For the tests of one variant (a family and a protocol, say) in `describe.concurrent`: variants go side by side, as they
 * share neither rules nor turns, and a variant's own tests one after the other.
 */
export const inTurn = { concurrent: false } as const

/** Every pair, for tables of tests. */
export const pairs = <A, B>(left: readonly A[], right: readonly B[]): [A, B][] => left.flatMap((a) => right.map((b): [A, B] => [a, b]))
export const lower = (protocol: Protocol) => protocol.toLowerCase() as Lowercase<Protocol>
