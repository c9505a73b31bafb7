import { LinkError } from '../links.ts'
import { errnoName, libc, MSG_DONTWAIT } from '../libc.ts'
import { insideNetns } from '../netns.ts'
import { attributes, decodeMessages, encodeMessage, NLM, NLMSG, text, type Message } from './message.ts'

/**
 * Requests and their answers. The kernel does the work of a request inside `send`, which therefore runs in a thread of
 * the pool; requests made in one go share one `send`.
 */
export interface NetlinkSocket {
  /** Rejects with `LinkError`; `what` begins its sentence. */
  request(what: string, type: number, flags: number, body: Buffer): Promise<Message[]>
  close(): void
}

const AF_NETLINK = 16
const SOCK_RAW_CLOEXEC = 3 | 0o2000000
const NETLINK_ROUTE = 0
export const NETLINK_NETFILTER = 12
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const errorAttributeMessage = 1

/** The kernel fills dumps up to the size of the buffer, 32 KiB at most. */
const bufferSize = 65_536

/** Opens a socket in the namespace (or ours); it stays there however the thread moves. */
export const openNetlink = (netns?: string, protocol: typeof NETLINK_ROUTE | typeof NETLINK_NETFILTER = NETLINK_ROUTE): NetlinkSocket => {
  const start = () => openSocket(protocol)
  const fd = netns === undefined ? start() : insideNetns(netns, start)
  let sequence = 0
  let open = true
  let busy: Promise<void> = Promise.resolve()
  let waiting: Pending[] = []
  const buffer = Buffer.alloc(bufferSize)

  /** Sends some requests in one go and reads until each has its answer. The kernel takes them in order. */
  const exchange = async (batch: readonly Pending[]): Promise<void> => {
    const dump = batch.length === 1 && isDump(batch[0]!)
    const running = new Map<number, { readonly pending: Pending; readonly found: Message[] }>()
    const bytes = batch.map(pending => {
      running.set(++sequence, { pending, found: [] })
      return encodeMessage(pending.type, pending.flags | NLM.REQUEST | NLM.ACK, sequence, pending.body)
    })
    await libc().sendAsync(fd, Buffer.concat(bytes.map(pad)))
    while (running.size > 0) {
      // A dump goes on inside `recv` and may wait there for the kernel's lock; any other answer lies ready.
      const size = dump ? await libc().recvAsync(fd, buffer, MSG_DONTWAIT) : libc().recv(fd, buffer, MSG_DONTWAIT)
      if (size === undefined) throw new LinkError('EIO', 'the kernel gave no answer')
      for (const message of decodeMessages(Buffer.from(buffer.subarray(0, size)))) {
        const request = running.get(message.sequence)
        if (!request) continue
        const { pending, found } = request
        if (message.flags & NLM.DUMP_INTERRUPTED && dump) throw new LinkError('EINTR', `${pending.what}: the list changed while it was read`)
        if (message.type !== NLMSG.DONE && message.type !== NLMSG.ERROR) {
          found.push(message)
          continue
        }
        running.delete(message.sequence)
        const refusal = message.type === NLMSG.ERROR ? refusalOf(pending.what, message) : undefined
        if (refusal) pending.reject(refusal)
        else pending.resolve(found)
      }
    }
  }

  /** All that was asked for while the last exchange was under way; a dump goes alone. */
  const takeBatch = (): Pending[] => {
    const end = waiting.findIndex(isDump)
    return waiting.splice(0, end === -1 ? waiting.length : Math.max(end, 1))
  }
  const flush = async (): Promise<void> => {
    const batch = takeBatch()
    if (batch.length === 0) return
    try {
      await exchange(batch)
    } catch (error) {
      for (const pending of batch) pending.reject(error)
    }
  }

  const once = (what: string, type: number, flags: number, body: Buffer): Promise<Message[]> =>
    new Promise((resolve, reject) => {
      if (!open) return reject(new LinkError('EBADF', `${what}: the socket is closed`))
      waiting.push({ what, type, flags, body, resolve, reject })
      busy = busy.then(flush)
    })

  return {
    async request(what, type, flags, body) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(what, type, flags, body)
        } catch (error) {
          if (!(error instanceof LinkError && error.code === 'EINTR') || attempt === 10) throw error
        }
      }
    },
    close() {
      if (!open) return
      open = false
      void busy.then(() => libc().close(fd)) // a number in use by a thread must not be given to another file
    },
  }
}

interface Pending {
  readonly what: string
  readonly type: number
  readonly flags: number
  readonly body: Buffer
  resolve(messages: Message[]): void
  reject(error: unknown): void
}

const isDump = ({ flags }: Pending): boolean => (flags & NLM.DUMP) === NLM.DUMP

/** Messages in one datagram begin at multiples of four. */
const pad = (bytes: Buffer): Buffer => bytes.length % 4 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(4 - bytes.length % 4)])

const openSocket = (protocol: number): number => {
  const c = libc()
  const fd = c.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol)
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

const refusalOf = (what: string, { flags, body }: Message): LinkError | undefined => {
  const errno = -body.readInt32LE(0)
  if (errno === 0) return undefined
  const why = flags & NLM.ACK_TLVS ? text(attributes(body, 20).get(errorAttributeMessage)) : undefined
  const code = errnoName(errno)
  return new LinkError(code, `${what}: ${code}${why ? ` (${why})` : ''}`)
}
