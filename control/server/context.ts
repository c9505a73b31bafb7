import type { Logger } from 'pino'
import type { Kind } from '../../api/kinds/kind.ts'
import type { ApiRequest, ApiResponse, UserInfo } from '../../api/transport.ts'
import type { Clock } from '../../host/clock.ts'
import { notSettled } from './media-type.ts'
import type { Accepted } from './media-type.ts'
import { requestInfo } from './request-info.ts'
import type { RequestInfo } from './request-info.ts'

/** A request that came over a wire: its answer must be bytes. Without the mark (in process) objects cross as values. */
export interface WireRequest extends ApiRequest {
  readonly wire: true
  /** Names and values in turn, as they came: `headers` joins equal ones with commas. */
  readonly rawHeaders?: readonly string[]
  /** The query as it was spelled, for those who pass it on. */
  readonly rawQuery?: string
  /** The client's address. */
  readonly from?: string | undefined
}

export const isWire = (request: ApiRequest): boolean => (request as Partial<WireRequest>).wire === true

/** One request on its way through the filters; each filter fills in what it found out. */
export interface RequestContext {
  readonly request: ApiRequest
  readonly wire: boolean
  readonly info: RequestInfo
  /** Set by authentication; before it, anonymous. */
  user: UserInfo
  /** Set by content negotiation. */
  accepted: Accepted
  /** Indent the answer: asked for, or a person sits at the other end (curl, a browser). */
  readonly pretty: boolean
  /** Set by routing, for resources that are there. */
  kind: Kind | undefined
  /** Sentences for the client, sent as `Warning: 299` headers. */
  warnings: string[] | undefined
}

/** A request for a resource, after routing. */
export type ResourceContext = RequestContext & { kind: Kind }

export type Handler = (context: RequestContext) => Promise<ApiResponse>

/** Wraps the rest of the way. Built once at start, called for every request. */
export type Filter = (next: Handler, tools: FilterTools) => Handler

/** What filters may use of the server. */
export interface FilterTools {
  readonly clock: Clock
  readonly log: Logger
}

/** There is no room for more in an answer. */
const mostWarnings = 200

/** Adds a sentence that the client shows to its user. */
export function warn(context: RequestContext, sentence: string): void {
  context.warnings ??= []
  if (context.warnings.length < mostWarnings && !context.warnings.includes(sentence)) context.warnings.push(sentence)
}

/** How a user is warned, for those who have no context; nobody is there to be warned in process. */
export const warnerOf = (context: RequestContext): Warner | undefined => (context.wire ? (sentence) => warn(context, sentence) : undefined)
export type Warner = (sentence: string) => void

export const anonymous: UserInfo = Object.freeze({ name: 'system:anonymous', groups: Object.freeze(['system:unauthenticated']) })

/** The context of a request that no filter has seen yet. */
export function contextOf(request: ApiRequest): RequestContext {
  const wire = isWire(request)
  return {
    request, wire, info: requestInfo(request), user: anonymous, accepted: notSettled,
    pretty: wire && wantsPretty(request), warnings: undefined, kind: undefined,
  }
}

/** `?pretty`, or a person's tool at the other end: those send no other wish. */
function wantsPretty({ query, headers }: ApiRequest): boolean {
  const asked = query.get('pretty')
  if (asked !== null) return asked !== 'false' && asked !== '0'
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '')
}
