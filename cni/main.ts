import { text } from 'node:stream/consumers'
import { enableCompileCache } from 'node:module'
import { pino } from 'pino'
import { createConntrack } from '../host/conntrack.ts'
import { createExec } from '../host/exec.ts'
import { files } from '../host/files.ts'
import { createIptables } from '../host/iptables.ts'
import { inspectNetns } from '../host/netns.ts'
import { createNft } from '../host/nft.ts'
import { createOpenLinks } from '../host/open-links.ts'
import { createSysctl } from '../host/sysctl.ts'
import type { CniHost } from './host.ts'
import { createPlugin } from './plugin.ts'
import { requestFromEnvironment } from './wire.ts'

/** The stand-alone plugin: the same `handle` as in the agent, in a process of its own. */
const main = async (): Promise<number> => {
  enableCompileCache()
  const exec = createExec()
  const host: CniHost = {
    openLinks: createOpenLinks({ exec }), inspectNetns, nft: createNft({ exec }), iptables: createIptables({ exec }),
    conntrack: createConntrack({ exec }), sysctl: createSysctl(), files,
    // Standard output belongs to the reply; the runtime shows standard error.
    logger: pino({ level: 'error', name: 'k8ts-cni' }, pino.destination({ fd: 2, sync: true })),
  }
  const plugin = createPlugin(host)
  const { exitCode, output } = await plugin.handle(requestFromEnvironment(process.env, await text(process.stdin)))
  plugin.close()
  if (output) process.stdout.write(`${output}\n`)
  return exitCode
}

process.exitCode = await main()
