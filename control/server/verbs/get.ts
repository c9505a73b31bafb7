import { notFound } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { ResourceContext } from '../context.ts'
import { checkPathName } from '../object-names.ts'
import { entryResponse } from '../object-response.ts'
import { revisionOf } from '../options.ts'
import type { Tools } from '../tools.ts'

/** One object, as new as the newest write, or not older than the version the client knows. */
export async function get(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request } = context
  checkPathName(info.name)
  const notOlderThan = request.query.size === 0 ? undefined : revisionOf(request.query.get('resourceVersion'))
  const cache = tools.resources.cache(kind)
  const entry = await cache.get(tools.resources.key(kind, info.namespace, info.name), notOlderThan === undefined ? undefined : { notOlderThan })
  if (!entry) throw notFound(kind, info.name)
  return entryResponse(tools, context, 200, entry)
}
