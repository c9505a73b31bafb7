import type * as grpc from '@grpc/grpc-js'
import { asRuntimeError } from './grpc-call.ts'
import { RuntimeError } from './runtime.ts'
import type { RuntimeEvent } from './runtime.ts'

/** The best stream the runtime has: containerd's own, else CRI's. Throws `unimplemented` when it has neither. */
export async function* runtimeEvents(containerd: any, cri: any, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  try {
    yield* containerdEvents(containerd, signal)
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.reason !== 'unimplemented') throw error
    yield* criEvents(cri, signal)
  }
}

/** CRI's GetContainerEvents, where containerd's own stream is not served (CRI-O, our Docker adapter). */
async function* criEvents(client: any, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  for await (const event of follow<{ containerId: string; containerEventType: string }>(client.getContainerEvents({}), signal)) {
    yield { id: event.containerId, topic: event.containerEventType === 'CONTAINER_STOPPED_EVENT' ? '/tasks/exit' : event.containerEventType }
  }
}

/**
 * containerd's own event stream, on the same socket as CRI. containerd 1.6 does not serve CRI's GetContainerEvents, but
 * this stream tells of every exit within a millisecond, so that the agent need not list twice a second to notice one.
 */
export async function* containerdEvents(client: any, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const filters = ['namespace==k8s.io,topic~=^/tasks/(exit|oom|start|delete)$']
  for await (const envelope of follow<Envelope>(client.subscribe({ filters }), signal)) {
    const id = envelope.event && firstString(envelope.event.value)
    if (id) yield { id, topic: envelope.topic }
  }
}

async function* follow<T>(stream: grpc.ClientReadableStream<T>, signal: AbortSignal): AsyncGenerator<T> {
  const cancel = (): void => stream.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    yield* stream
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
