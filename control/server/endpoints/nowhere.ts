import { noSuchResource } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { KindTable } from '../kind-table.ts'
import { textResponse } from '../respond.ts'

/** The answer for a path that leads nowhere: a `Status` below the core group and groups that are served, elsewhere the page of any web server. */
export function nowhere(kinds: KindTable, path: string): ApiResponse {
  const [, root, group = ''] = path.split('/')
  if ((root === 'api' && group !== '') || (root === 'apis' && group !== '' && kinds.hasGroup(group))) throw noSuchResource()
  return textResponse(404, '404 page not found\n')
}
