import { isNotFound } from '../../../api/errors.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { ResourceContext } from '../context.ts'
import { warnerOf } from '../context.ts'
import { askedDeletion } from '../delete-options.ts'
import { listParameters } from '../list-options.ts'
import { facesReady, faceOf } from '../object-response.ts'
import { valueResponse } from '../respond.ts'
import { selectionOf } from '../selection.ts'
import type { Tools } from '../tools.ts'
import { deleteObject } from './delete-object.ts'

/** How many deletions are under way at once. */
const width = 16

/** Deletes what a list with the same selectors would show; answers with that list. What others delete meanwhile is no failure. */
export async function deleteCollection(tools: Tools, context: ResourceContext): Promise<ApiResponse> {
  const { kind, info, request, user } = context
  const { options, dryRun, object: asked } = askedDeletion(context)
  const parameters = listParameters(request.query, false)
  const selection = selectionOf(kind, request.query)
  const page = await tools.resources.cache(kind).list({
    namespace: info.namespace || undefined, filter: selection.filter, limit: parameters.limit, continue: parameters.continue, revision: parameters.revision, match: parameters.match,
  })
  if (kind.storedAs) await facesReady(kind, page.entries.map(({ object }) => object))
  const waiting = page.entries.map((entry) => faceOf(kind, entry.object))
  const items: KubeObject[] = []
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      items.push(next)
      const { name, namespace = '' } = next.metadata
      await deleteObject(tools, { kind, namespace, name, options, user, dryRun, asked, warn: warnerOf(context) }).catch(unless(isNotFound))
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, waiting.length) }, work))
  const metadata = { resourceVersion: String(page.revision), ...(page.continue !== undefined && { continue: page.continue }) }
  return valueResponse(context, 200, { kind: kind.listKind ?? `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items })
}

const unless = (expected: (error: unknown) => boolean) => (error: unknown): void => {
  if (!expected(error)) throw error
}
