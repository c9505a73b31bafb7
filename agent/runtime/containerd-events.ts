import type * as grpc from '@grpc/grpc-js'
import { asRuntimeError } from './grpc-call.ts'
import type { RuntimeEvent } from './runtime.ts'

/**
 * containerd's own event stream, on the same socket as CRI. containerd 1.6 does not serve CRI's GetContainerEvents, but
 * this stream tells of every exit within a millisecond, so that the agent need not list twice a second to notice one.
 */
export async function* containerdEvents(client: any, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const stream = client.subscribe({ filters: ['namespace==k8s.io,topic~=^/tasks/(exit|oom|start|delete)$'] }) as grpc.ClientReadableStream<Envelope>
  const cancel = (): void => stream.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    for await (const envelope of stream) {
      const id = envelope.event && firstString(envelope.event.value)
      if (id) yield { id, topic: envelope.topic }
    }
  } catch (error) {
    if (!signal.aborted) throw asRuntimeError(error)
  } finally {
    signal.removeEventListener('abort', cancel)
    stream.cancel()
  }
}

interface Envelope { topic: string; event: { typeUrl: string; value: Uint8Array } | null }

/** In all of containerd's task events the container's id is field 1, a string; ids are shorter than 128 bytes. */
function firstString(message: Uint8Array): string | undefined {
  const length = message[1] ?? 0
  return message[0] === 0x0a && length < 128 ? Buffer.from(message.subarray(2, 2 + length)).toString('utf8') : undefined
}
