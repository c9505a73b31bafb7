import { ApiError } from '../errors.ts'
import type { KubeObject, WatchEvent } from '../object.ts'
import type { ApiResponse } from '../transport.ts'
import { errorOf, freeze, valueOf } from './response.ts'

/** The longest single watch line that is taken: the server's own limit on an object, with room for what it adds. */
const maxLine = 16 * 1024 * 1024

/** The events of a watch response, of either form; an `ERROR` event is thrown. */
export async function* watchEvents<T extends KubeObject>(response: ApiResponse): AsyncGenerator<WatchEvent<T>, void> {
  if (response.status !== 200) await valueOf(response)
  for await (const event of rawEvents(response)) {
    if (event.type === 'ERROR') throw errorOf(500, event.object)
    yield event as WatchEvent<T>
  }
}

async function* rawEvents(response: ApiResponse): AsyncGenerator<WatchEvent<unknown>, void> {
  const { body } = response
  if (body.kind === 'watch') {
    for await (const frame of body.events) yield frame.event
  } else if (body.kind === 'chunks') {
    for await (const line of lines(body.chunks)) yield freeze(JSON.parse(line))
  } else {
    throw new ApiError(500, 'InternalError', 'the server answered a watch with a single value')
  }
}

/** Splits a byte stream at line ends; a last line without its end was cut off and is dropped. */
export async function* lines(chunks: AsyncIterable<Uint8Array>, limit = maxLine): AsyncGenerator<string, void> {
  let rest: Uint8Array[] = []
  let held = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]).toString('utf8')
      rest = []
      held = 0
      from = end + 1
      if (line.trim()) yield line
    }
    if (from === chunk.length) continue
    rest.push(chunk.subarray(from))
    held += chunk.length - from
    if (held > limit) throw new ApiError(500, 'InternalError', `a watch line is longer than ${limit} bytes`)
  }
}
