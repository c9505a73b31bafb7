import { text } from 'node:stream/consumers'
import { createConntrack } from '../../host/conntrack.ts'
import { createExec } from '../../host/exec.ts'
import { files } from '../../host/files.ts'
import { createIptables } from '../../host/iptables.ts'
import { inspectNetns } from '../../host/netns.ts'
import { createNft } from '../../host/nft.ts'
import { createOpenLinks } from '../../host/open-links.ts'
import { createSysctl } from '../../host/sysctl.ts'
import type { CniHost } from '../host.ts'
import { createPlugin } from '../plugin.ts'
import { requestFromEnvironment } from '../wire.ts'

/** One call, from environment and standard input to standard output: the same `handle` as in the agent. Gives the exit code. */
export const runStandAlone = async (): Promise<number> => {
  const exec = createExec()
  const plugin = createPlugin({
    openLinks: createOpenLinks({ exec }), inspectNetns, nft: createNft({ exec }), iptables: createIptables({ exec }),
    conntrack: createConntrack({ exec }), sysctl: createSysctl(), files, logger,
  })
  const { exitCode, output } = await plugin.handle(requestFromEnvironment(process.env, await text(process.stdin)))
  await plugin.close()
  if (output) process.stdout.write(`${output}\n`)
  return exitCode
}

/** Standard output belongs to the reply, and what goes wrong stands in it; pino would cost a third of our start. */
const logger: CniHost['logger'] = { info() {}, warn() {}, error: (...said: unknown[]) => console.error(...said) }
