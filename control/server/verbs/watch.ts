import { ApiError, asApiError, isGone, statusOf } from '../../../api/errors.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import { keyOf } from '../../../api/object.ts'
import { protobufMediaType } from '../../../api/protobuf/decode.ts'
import type { ApiResponse, WatchFrame } from '../../../api/transport.ts'
import type { ResourceContext } from '../context.ts'
import { listParameters } from '../list-options.ts'
import { facesReady, faceOf } from '../object-response.ts'
import { protobufFrames } from '../protobuf-frames.ts'
import { selectionOf } from '../selection.ts'
import { partialObject, tableRow } from '../shapes.ts'
import type { Tools } from '../tools.ts'

/** A watch that names no end gets one between half an hour and an hour, so that clients spread over servers. */
const shortest = 1800

/** Changes from a revision on, until the client, the time-out or the server ends it. */
export async function watch(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request } = context
  const parameters = listParameters(request.query, true)
  const selection = selectionOf(kind, request.query, info.name)
  const over = new AbortController()
  const cancel = tools.clock.after(1000 * (parameters.timeoutSeconds || shortest * (1 + tools.clock.random())), () => over.abort(), { unref: true })
  const signal = AbortSignal.any([over.signal, ...(request.signal ? [request.signal] : []), ...(kind.ends ? [kind.ends] : [])])
  const end = () => over.abort()
  tools.ending.addEventListener('abort', end, { once: true })
  signal.addEventListener('abort', () => { cancel(); tools.ending.removeEventListener('abort', end) }, { once: true })
  try {
    const frames = await tools.resources.cache(kind).watch({
      after: parameters.revision, initialEvents: parameters.sendInitialEvents, bookmarks: parameters.bookmarks || parameters.sendInitialEvents,
      namespace: info.namespace || (kind.namespaced ? selection.namespace : undefined) || undefined, name: selection.name,
      index: selection.nodeName === undefined ? undefined : { name: 'spec.nodeName', value: selection.nodeName },
      filter: selection.converted ? selection.converted.early : selection.filter, signal,
    })
    const selected = selection.converted ? selectedLate(kind, frames, selection.converted.face) : frames
    return watchResponse(context, shapedFrames(tools, context, selected))
  } catch (error) {
    over.abort()
    // Clients look for this one among the events of a watch that began well.
    if (error instanceof ApiError && isGone(error)) return watchResponse(context, encoded(context, single(errorFrame(error))))
    throw error
  }
}

const headers = Object.freeze({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
const protobufHeaders = Object.freeze({ ...headers, 'content-type': `${protobufMediaType};stream=watch` })
const watchResponse = (context: ResourceContext, events: AsyncIterable<WatchFrame>): ApiResponse =>
  ({ status: 200, headers: isProtobuf(context) ? protobufHeaders : headers, body: { kind: 'watch', events } })

async function* single(frame: WatchFrame): AsyncGenerator<WatchFrame> {
  yield frame
}

const errorFrame = (error: ApiError): WatchFrame => frameOf('ERROR', statusOf(error))

function frameOf(type: WatchFrame['event']['type'], object: unknown): WatchFrame {
  const event = { type, object }
  return { event, bytes: () => Buffer.from(`${JSON.stringify(event)}\n`) }
}

/** The frames as they are, unless the client wants another shape or another version of the kind. */
function shapedFrames(tools: Tools, context: ResourceContext, frames: AsyncIterable<WatchFrame>): AsyncIterable<WatchFrame> {
  const { accepted, kind } = context
  if (accepted.as === '' && !kind.storedAs) return encoded(context, frames)
  let headers = true
  return encoded(context, changed(kind, frames, (object, type) => {
    const face = type === 'BOOKMARK' ? { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind } : faceOf(kind, object)
    if (accepted.as === 'Table') {
      const row = tableRow(tools, context, face, type === 'BOOKMARK', !headers)
      headers = false
      return row
    }
    return accepted.as === '' ? face : partialObject(face, accepted.version)
  }))
}

const isProtobuf = ({ wire, accepted }: ResourceContext): boolean => wire && accepted.encoding === protobufMediaType

/** Frames in the encoding the client wants; those all watchers share are encoded once. */
const encoded = (context: ResourceContext, frames: AsyncIterable<WatchFrame>): AsyncIterable<WatchFrame> =>
  isProtobuf(context) ? protobufFrames(context.kind, frames) : frames

/** Selects converted objects; one that begins or ceases to match is seen as `ADDED` or `DELETED`. */
async function* selectedLate(kind: Kind, frames: AsyncIterable<WatchFrame>, matches: (face: KubeObject) => boolean): AsyncGenerator<WatchFrame> {
  const shown = new Set<string>()
  for await (const frame of frames) {
    const { type, object } = frame.event
    if (type === 'BOOKMARK' || type === 'ERROR') {
      yield frame
      continue
    }
    const stored = object as KubeObject
    const key = keyOf(stored)
    try {
      await facesReady(kind, [stored])
    } catch {
      // Whoever shapes the frames asks again, and tells.
      yield frame
      continue
    }
    const was = shown.has(key) || (type === 'DELETED' && matches(faceOf(kind, stored)))
    const is = type !== 'DELETED' && matches(faceOf(kind, stored))
    if (is) shown.add(key)
    else shown.delete(key)
    if (is || was) yield is === was || (type === 'DELETED' && was) ? frame : frameOf(is ? 'ADDED' : 'DELETED', stored)
  }
}

/** A frame whose object stays as it is stays the one that all watchers share. A conversion that fails is told and ends the watch. */
async function* changed(kind: Kind, frames: AsyncIterable<WatchFrame>, change: (object: KubeObject, type: WatchFrame['event']['type']) => unknown): AsyncGenerator<WatchFrame> {
  for await (const frame of frames) {
    const { type, object } = frame.event
    if (type === 'ERROR') {
      yield frame
      continue
    }
    try {
      if (type !== 'BOOKMARK') await facesReady(kind, [object as KubeObject])
    } catch (error) {
      yield errorFrame(asApiError(error))
      return
    }
    const made = change(object as KubeObject, type)
    yield made === object ? frame : frameOf(type, made)
  }
}
