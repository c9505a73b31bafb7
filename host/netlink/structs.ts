/** The fixed structs in front of the attributes, and the numbers of the attributes we use. Names as in linux/*.h. */
export const AF = { UNSPEC: 0, INET: 2, BRIDGE: 7, INET6: 10 } as const
export const IFF = { UP: 1, LOOPBACK: 8 } as const
export const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, LINK: 5, MASTER: 10, LINKINFO: 18, NET_NS_FD: 28 } as const
export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const
export const VETH_INFO_PEER = 1
export const IFLA_VXLAN = { ID: 1, LEARNING: 7, PORT: 15, GROUP6: 16 } as const
export const IFLA_BRPORT_MODE = 4
export const IFA = { ADDRESS: 1, LOCAL: 2, FLAGS: 8 } as const
/** No duplicate address detection: the address is usable at once, not a second later. */
export const IFA_F_NODAD = 2
export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, PREFSRC: 7, MULTIPATH: 9, TABLE: 15 } as const
export const RT_TABLE_MAIN = 254
export const RTPROT_BOOT = 3
export const RTNH_F_ONLINK = 4
export const RT_SCOPE = { UNIVERSE: 0, LINK: 253, NOWHERE: 255 } as const
export const RTN_UNICAST = 1
export const NDA = { DST: 1, LLADDR: 2 } as const
export const NUD_PERMANENT = 0x80
/** The entry is of the link itself, not of the bridge it is a port of. */
export const NTF_SELF = 2

export const ifinfomsgSize = 16
export const ifinfomsg = ({ family = 0, index = 0, flags = 0, change = 0 }: { family?: number; index?: number; flags?: number; change?: number }): Buffer => {
  const bytes = Buffer.alloc(ifinfomsgSize)
  bytes.writeUInt8(family, 0)
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt32LE(flags, 8)
  bytes.writeUInt32LE(change, 12)
  return bytes
}

export const ifaddrmsgSize = 8
export const ifaddrmsg = ({ family = 0, prefix = 0, index = 0 }: { family?: number; prefix?: number; index?: number }): Buffer => {
  const bytes = Buffer.alloc(ifaddrmsgSize)
  bytes.writeUInt8(family, 0)
  bytes.writeUInt8(prefix, 1)
  bytes.writeUInt32LE(index, 4)
  return bytes
}

export const rtmsgSize = 12
export const rtmsg = ({ family = 0, prefix = 0, scope = 0, protocol = 0, type = 0, table = 0, flags = 0 }: { family?: number; prefix?: number; scope?: number; protocol?: number; type?: number; table?: number; flags?: number }): Buffer =>
  Buffer.from([family, prefix, 0, 0, table, protocol, scope, type, flags, 0, 0, 0])

export const ndmsgSize = 12
export const ndmsg = ({ family = 0, index = 0, state = 0, flags = 0 }: { family?: number; index?: number; state?: number; flags?: number }): Buffer => {
  const bytes = Buffer.alloc(ndmsgSize)
  bytes.writeUInt8(family, 0)
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt16LE(state, 8)
  bytes.writeUInt8(flags, 10)
  return bytes
}
