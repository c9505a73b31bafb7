import { asApiError, badRequest } from '../../api/errors.ts'
import type { ApiRequest, ApiResponse } from '../../api/transport.ts'
import { contextOf } from './context.ts'
import type { Handler } from './context.ts'
import { errorResponse } from './respond.ts'

/** Reads what the request is about and sends it on its way. */
export async function answer(handle: Handler, request: ApiRequest): Promise<ApiResponse> {
  let context
  try {
    context = contextOf(request)
  } catch (error) {
    // The path cannot even be read.
    return errorResponse(undefined, error instanceof URIError ? badRequest(`invalid URL escape in ${JSON.stringify(request.path)}`) : asApiError(error))
  }
  return handle(context)
}
