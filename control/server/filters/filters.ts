import type { Filter, FilterTools, Handler } from '../context.ts'
import type { Identify } from '../authentication/identify.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import { authentication } from './authentication.ts'
import { authorization } from './authorization.ts'
import { bodySize } from './body-size.ts'
import { contentType } from './content-type.ts'
import { impersonation } from './impersonation.ts'
import { negotiation } from './negotiation.ts'
import { panicGuard } from './panic-guard.ts'
import { timeout } from './timeout.ts'
import { warnings } from './warnings.ts'

/**
 * The way of a request, outermost first. The rule of the order: what must see every answer stands outside (measuring,
 * then the guard that makes an answer of every throw); what is cheap and refuses comes before what is dear; nobody
 * learns anything of the cluster before it is known who asks (authentication, impersonation) and whether they may (authorization);
 * the body is looked at only after that.
 */
export const filtersFor = (measure: Filter, identify: Identify, authorizer: Authorizer): readonly Filter[] => [
  measure,
  panicGuard,
  authentication(identify),
  impersonation(authorizer),
  authorization(authorizer),
  negotiation,
  bodySize,
  contentType,
  timeout,
  warnings,
]

/** Wraps `handler` in the filters; done once at start. */
export const compose = (filters: readonly Filter[], handler: Handler, tools: FilterTools): Handler =>
  filters.reduceRight((next, filter) => filter(next, tools), handler)
