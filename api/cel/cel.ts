/**
 * The Common Expression Language as Kubernetes speaks it: validation rules of CustomResourceDefinitions, match
 * conditions of webhooks, ValidatingAdmissionPolicy and MutatingAdmissionPolicy, device selectors, user validation.
 *
 * Values are JavaScript's JSON values on the way in and out; inside, integers are BigInt. What is an integer, a timestamp, bytes
 * or a quantity is said by the declared type; under `dyn` a JSON number that is whole counts as int.
 */
export interface CelType {
  readonly kind: 'dyn' | 'bool' | 'int' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'quantity' | 'intOrString' | 'list' | 'map' | 'object' | 'null'
  /** Of a list, or of the values of a map. */
  readonly items?: CelType
  /** Of an object; unknown names are errors at compile time. A function is asked once, at first use (types that contain themselves). */
  readonly fields?: Readonly<Record<string, CelType>> | (() => Readonly<Record<string, CelType>>)
  /** Of an object: other fields than those declared may be there, of any type. */
  readonly open?: boolean
  /** How messages call an object type. */
  readonly name?: string
  /** Of a list: `set` and `map` lists are equal whatever their order, and `+` merges them. */
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
}

export interface CelEnvironment {
  readonly variables: Readonly<Record<string, CelType>>
  /** What the expression must come to (`bool` for rules and conditions); absent: anything. */
  readonly result?: CelType['kind'] | readonly CelType['kind'][]
  /** The authorizer library: `authorizer.group('').resource('pods').check('get').allowed()`. */
  readonly authorizer?: boolean
  /** Types that may be made (`Object.spec{replicas: 3}`), by their name. */
  readonly types?: (name: string) => CelType | undefined
  /** `jsonpatch.escapeKey`. */
  readonly jsonPatch?: boolean
  /** What one evaluation may cost; 1,000,000 as in the original. */
  readonly costLimit?: number
}

/** What an expression asks the authorizer. With `path` it is no resource. */
export interface CelQuestion {
  readonly verb?: string
  readonly path?: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  /** Asked for this account instead of who sent the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
}

export interface CelDecision { readonly allowed: boolean; readonly reason?: string | undefined; readonly error?: string | undefined }

/**
 * The value of the variable `authorizer`. What `authorize` throws, if it is no `CelError`, ends the evaluation and passes through
 * `evaluate`: so one may wait for an answer and evaluate again.
 */
export interface CelAuthorizer {
  authorize(question: CelQuestion): CelDecision
  /** `authorizer.requestResource`. */
  readonly requestResource?: CelQuestion
}

export interface CelProgram {
  readonly source: string
  /** Evaluates; throws `CelError` when it cannot, or when `budget` (in CEL's cost units, counted down in place) is used up. */
  evaluate(variables: Readonly<Record<string, unknown>>, budget?: { left: number }): unknown
  /** Whether a variable is mentioned: `oldSelf` makes a transition rule. */
  mentions(variable: string): boolean
}

/** An expression that cannot be compiled, or failed; the message is what the original would say, as near as can be. */
export class CelError extends Error {
  override readonly name = 'CelError'
  /** `syntax`: it does not compile; `result`: it comes to something else than asked for; `evaluation`: it failed on these values; `cost`: this evaluation is too dear; `budget`: nothing is left for all of them. */
  readonly code: 'syntax' | 'result' | 'evaluation' | 'cost' | 'budget'

  constructor(message: string, code: CelError['code'] = 'evaluation') {
    super(message)
    this.code = code
  }
}
