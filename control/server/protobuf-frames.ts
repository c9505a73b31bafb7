import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import { encodeMessage, sealEnvelope } from '../../api/protobuf/encode.ts'
import { bytes, req, string, struct } from '../../api/schema/schema.ts'
import type { WatchFrame } from '../../api/transport.ts'
import { jsonOf } from './encode.ts'
import { protobufForm, protobufMessage } from './protobuf-form.ts'

/** `RawExtension` holds the object in its envelope. */
const Extension = struct('runtime.RawExtension', { raw: req(1, bytes) })
const Event = struct('meta/v1.WatchEvent', { type: req(1, string), object: req(2, Extension) })

/** What watchers share is one frame, so its protobuf form is made once too. */
const made = new WeakMap<WatchFrame, Uint8Array>()

/**
 * The frames of a watch as protobuf: four bytes of length (the highest first), then a `WatchEvent` that, alone among
 * protobuf bodies, stands without an envelope; the object within it has one.
 */
export async function* protobufFrames(kind: Kind, frames: AsyncIterable<WatchFrame>): AsyncGenerator<WatchFrame> {
  for await (const frame of frames) yield { event: frame.event, bytes: () => bytesOf(kind, frame) }
}

function bytesOf(kind: Kind, frame: WatchFrame): Uint8Array {
  const known = made.get(frame)
  if (known) return known
  const { type, object } = frame.event
  const event = encodeMessage(Event, { type, object: { raw: envelopeOf(kind, object as KubeObject) } })
  const framed = Buffer.allocUnsafeSlow(event.length + 4)
  framed.writeUInt32BE(event.length)
  event.copy(framed, 4)
  made.set(frame, framed)
  return framed
}

/** Objects of the kind have their message ready; a `Status` or metadata alone is made here. */
function envelopeOf(kind: Kind, object: KubeObject): Uint8Array {
  const apiVersion = apiVersionOf(kind)
  if (object.apiVersion === apiVersion && object.kind === kind.kind) return sealEnvelope(apiVersion, kind.kind, protobufMessage(kind, object))
  return protobufForm(object) ?? jsonOf(object, false)
}
