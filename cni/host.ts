import type { Logger } from 'pino'
import type { Conntrack } from '../host/conntrack.ts'
import type { Files } from '../host/files.ts'
import type { Iptables } from '../host/iptables.ts'
import type { OpenLinks } from '../host/links.ts'
import type { inspectNetns } from '../host/netns.ts'
import type { Nft } from '../host/nft.ts'
import type { Sysctl } from '../host/sysctl.ts'

/** What this room needs of the machine; a composition root hands it in. */
export interface CniHost {
  readonly openLinks: OpenLinks
  readonly inspectNetns: typeof inspectNetns
  readonly nft: Nft
  readonly iptables: Iptables
  readonly conntrack: Conntrack
  readonly sysctl: Sysctl
  readonly files: Files
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
}
