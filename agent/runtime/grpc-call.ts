import * as grpc from '@grpc/grpc-js'
import { RuntimeError } from './runtime.ts'
import type { RuntimeReason } from './runtime.ts'

export interface CallOptions { readonly seconds?: number; readonly signal?: AbortSignal | undefined }
export type Call = <R = unknown>(method: string, request: object, options?: CallOptions) => Promise<R>

/** Turns the callback methods of a grpc-js client into promises that reject with `RuntimeError`. */
export function grpcMethod(client: any, defaultSeconds: number): Call {
  return <R>(method: string, request: object, options: CallOptions = {}) => new Promise<R>((resolve, reject) => {
    const deadline = performance.timeOrigin + performance.now() + (options.seconds ?? defaultSeconds) * 1000
    const call = client[method](request, { deadline }, (error: grpc.ServiceError | null, response: R) => {
      options.signal?.removeEventListener('abort', cancel)
      if (error) reject(asRuntimeError(error))
      else resolve(response)
    }) as grpc.ClientUnaryCall
    const cancel = (): void => call.cancel()
    if (options.signal?.aborted) cancel()
    else options.signal?.addEventListener('abort', cancel, { once: true })
  })
}

/** grpc-js' status codes in the words Go prints. */
const names: Record<number, [string, RuntimeReason]> = {
  [grpc.status.CANCELLED]: ['Canceled', 'cancelled'],
  [grpc.status.UNKNOWN]: ['Unknown', 'failed'],
  [grpc.status.INVALID_ARGUMENT]: ['InvalidArgument', 'failed'],
  [grpc.status.DEADLINE_EXCEEDED]: ['DeadlineExceeded', 'timeout'],
  [grpc.status.NOT_FOUND]: ['NotFound', 'notFound'],
  [grpc.status.ALREADY_EXISTS]: ['AlreadyExists', 'exists'],
  [grpc.status.PERMISSION_DENIED]: ['PermissionDenied', 'failed'],
  [grpc.status.RESOURCE_EXHAUSTED]: ['ResourceExhausted', 'failed'],
  [grpc.status.FAILED_PRECONDITION]: ['FailedPrecondition', 'failed'],
  [grpc.status.ABORTED]: ['Aborted', 'failed'],
  [grpc.status.OUT_OF_RANGE]: ['OutOfRange', 'failed'],
  [grpc.status.UNIMPLEMENTED]: ['Unimplemented', 'unimplemented'],
  [grpc.status.INTERNAL]: ['Internal', 'failed'],
  [grpc.status.UNAVAILABLE]: ['Unavailable', 'unavailable'],
}

export function asRuntimeError(error: unknown): RuntimeError {
  const { code, details, message } = error as grpc.ServiceError
  const [name, reason] = names[code] ?? ['Unknown', 'failed' as const]
  return new RuntimeError(reason, name, details || message || String(error))
}
