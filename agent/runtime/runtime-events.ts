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
    const id = envelope.event && containerOf(envelope.topic, envelope.event.value)
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

/**
 * The container a task event tells of. In all of them its id is field 1. An exit has in field 2 which process it was: the container's own, or
 * one that was run in it by a probe or by hand, whose end changes nothing.
 */
function containerOf(topic: string, message: Uint8Array): string | undefined {
  const container = textField(message, 0, 1)
  if (topic !== '/tasks/exit' || container === undefined) return container
  const process = textField(message, 2 + container.length, 2)
  return process === undefined || process === container ? container : undefined
}

/** The text of the field with this number, if it begins at `offset`. Ids are shorter than 128 bytes and plain. */
function textField(message: Uint8Array, offset: number, number: number): string | undefined {
  const length = message[offset + 1] ?? 0
  return message[offset] === (number << 3 | 2) && length < 128 ? Buffer.from(message.subarray(offset + 2, offset + 2 + length)).toString('latin1') : undefined
}
