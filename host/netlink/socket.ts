import { LinkError } from '../links.ts'
import { errnoName, libc, MSG_DONTWAIT } from '../libc.ts'
import { insideNetns } from '../netns.ts'
import { attributes, decodeMessages, encodeMessage, NLM, NLMSG, text, type Message } from './message.ts'

/** A request and its answers. The kernel does the work of a request inside `send`, in a thread of the pool. */
export interface NetlinkSocket {
  /** Rejects with `LinkError`; `what` begins its sentence. `bytes` outlive the call only through it. */
  request(what: string, type: number, flags: number, body: Buffer): Promise<Message[]>
  close(): void
}

const AF_NETLINK = 16
const SOCK_RAW_CLOEXEC = 3 | 0o2000000
const NETLINK_ROUTE = 0
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const errorAttributeMessage = 1

/** The kernel fills dumps up to the size of the buffer, 32 KiB at most. */
const bufferSize = 65_536

/** Opens a socket in the namespace (or ours); it stays there however the thread moves. */
export const openNetlink = (netns?: string): NetlinkSocket => {
  const fd = netns === undefined ? openSocket() : insideNetns(netns, openSocket)
  let sequence = 0
  let open = true
  let last: Promise<unknown> = Promise.resolve()
  const buffer = Buffer.alloc(bufferSize)

  const answers = async (what: string, number: number, dump: boolean): Promise<Message[]> => {
    const found: Message[] = []
    for (;;) {
      // A dump goes on inside `recv` and may wait there for the kernel's lock; any other answer lies ready.
      const size = dump ? await libc().recvAsync(fd, buffer, MSG_DONTWAIT) : libc().recv(fd, buffer, MSG_DONTWAIT)
      if (size === undefined) throw new LinkError('EIO', `${what}: the kernel gave no answer`)
      for (const message of decodeMessages(Buffer.from(buffer.subarray(0, size)))) {
        if (message.sequence !== number) continue
        if (message.flags & NLM.DUMP_INTERRUPTED && dump) throw new LinkError('EINTR', `${what}: the list changed while it was read`)
        if (message.type === NLMSG.DONE) return found
        if (message.type === NLMSG.ERROR) {
          refuse(what, message)
          return found
        }
        found.push(message)
      }
    }
  }

  const once = async (what: string, type: number, flags: number, body: Buffer): Promise<Message[]> => {
    if (!open) throw new LinkError('EBADF', `${what}: the socket is closed`)
    sequence++
    await libc().sendAsync(fd, encodeMessage(type, flags | NLM.REQUEST | NLM.ACK, sequence, body))
    return answers(what, sequence, (flags & NLM.DUMP) === NLM.DUMP)
  }

  const patiently = async (what: string, type: number, flags: number, body: Buffer): Promise<Message[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(what, type, flags, body)
      } catch (error) {
        if (!(error instanceof LinkError && error.code === 'EINTR') || attempt === 10) throw error
      }
    }
  }

  return {
    request(what, type, flags, body) {
      const next = last.then(() => patiently(what, type, flags, body))
      last = next.catch(() => {})
      return next
    },
    close() {
      if (!open) return
      open = false
      void last.then(() => libc().close(fd)) // a number in use by a thread must not be given to another file
    },
  }
}

const openSocket = (): number => {
  const c = libc()
  const fd = c.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE)
  try {
    const address = Buffer.alloc(12)
    address.writeUInt16LE(AF_NETLINK, 0)
    c.bind(fd, address)
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) c.setsockopt(fd, SOL_NETLINK, option, 1)
    return fd
  } catch (error) {
    c.close(fd)
    throw error
  }
}

const refuse = (what: string, { flags, body }: Message): void => {
  const errno = -body.readInt32LE(0)
  if (errno === 0) return
  const why = flags & NLM.ACK_TLVS ? text(attributes(body, 20).get(errorAttributeMessage)) : undefined
  const code = errnoName(errno)
  throw new LinkError(code, `${what}: ${code}${why ? ` (${why})` : ''}`)
}
