import { attributes } from './message.ts'
import { NETLINK_NETFILTER, openNetlink } from './socket.ts'

const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_GETGEN = 16
const NFTA_GEN_ID = 1
/** `struct nfgenmsg`: any family, version 0, no resource. */
const nfgenmsg = Buffer.alloc(4)

/** The number that every nftables transaction in the namespace (or ours) raises. Throws where koffi has no build. */
export async function nftGeneration(netns?: string): Promise<number> {
  const socket = openNetlink(netns, NETLINK_NETFILTER)
  try {
    const [answer] = await socket.request('asking for the generation of the nftables ruleset', NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, nfgenmsg)
    const id = answer && attributes(answer.body, nfgenmsg.length).get(NFTA_GEN_ID)
    if (!id) throw new Error('The kernel gave no generation of the nftables ruleset')
    return id.readUInt32BE(0)
  } finally {
    socket.close()
  }
}
