import type { CelAuthorizer, CelDecision, CelQuestion } from '../../../../api/cel/cel.ts'
import type { UserInfo } from '../../../../api/transport.ts'
import type { Attributes, Decision } from '../../authorization/authorizer.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionRequest } from '../admission.ts'

/** An answer that has to be waited for; the evaluation is begun again when it is there. */
class Pending {
  readonly answer: Promise<void>
  constructor(answer: Promise<void>) { this.answer = answer }
}

/** How often one evaluation may have to wait. */
const most = 100

/** The variable `authorizer` of a request: it asks for who sent it. Answers are kept as long as the request lasts. */
export function authorizerFor(tools: Tools, { user, kind, namespace, name, subresource }: AdmissionRequest): CelAuthorizer {
  const known = new Map<string, CelDecision>()
  return {
    requestResource: { group: kind.group, resource: kind.resource, subresource, namespace, name },
    authorize(question) {
      const key = JSON.stringify(question)
      const answered = known.get(key)
      if (answered) return answered
      const decision = tools.authorizer.authorize(attributesOf(question, user))
      if (!(decision instanceof Promise)) return answerOf(decision)
      throw new Pending(decision.then((given) => void known.set(key, answerOf(given)), (error: unknown) => void known.set(key, { allowed: false, error: String(error) })))
    },
  }
}

const answerOf = ({ verdict, reason, error }: Decision): CelDecision => ({ allowed: verdict === 'allow', reason, error })

function attributesOf({ serviceAccount, path, verb = '', group = '', resource = '', subresource = '', namespace = '', name = '' }: CelQuestion, user: UserInfo): Attributes {
  const asking = serviceAccount ? accountOf(serviceAccount) : user
  return { user: asking, verb, isResource: path === undefined, path: path ?? '', group, version: path === undefined ? '*' : '', resource, subresource, namespace, name }
}

const accountOf = ({ namespace, name }: { namespace: string; name: string }): UserInfo =>
  ({ name: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] })

/** Evaluates, waiting for the authorizer where it does not know at once. */
export async function settled<T>(evaluate: () => T): Promise<T> {
  for (let waited = 0; ; waited++) {
    try {
      return evaluate()
    } catch (error) {
      if (!(error instanceof Pending) || waited >= most) throw error
      await error.answer
    }
  }
}
