import type { Exec } from './exec.ts'
import { openIpLinks } from './ip-links.ts'
import type { OpenLinks } from './links.ts'
import { openNetlinkLinks } from './netlink/netlink-links.ts'

/** The links of this machine: rtnetlink where koffi loads, the `ip` command elsewhere. */
export const createOpenLinks = ({ exec }: { exec: Exec }): OpenLinks => {
  const plain = openIpLinks({ exec })
  return netns => {
    try {
      return openNetlinkLinks(netns)
    } catch (error) {
      if (!['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      return plain(netns)
    }
  }
}
