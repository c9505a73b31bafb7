import type { Attributes, Authorizer, Decision, Rules } from './authorizer.ts'

/** Asks one after the other until one decides; what those who did not had to say goes into the refusal. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  if (authorizers.length === 1) return authorizers[0]!
  return {
    authorize: (attributes) => ask(authorizers, attributes, 0, undefined),
    rulesFor(user, namespace) {
      const parts = authorizers.map((authorizer): Rules => authorizer.rulesFor?.(user, namespace) ?? { resourceRules: [], nonResourceRules: [] })
      const errors = parts.flatMap(({ error }) => (error ? [error] : []))
      return {
        resourceRules: parts.flatMap(({ resourceRules }) => resourceRules), nonResourceRules: parts.flatMap(({ nonResourceRules }) => nonResourceRules),
        incomplete: parts.some(({ incomplete }) => incomplete), ...(errors.length > 0 && { error: aggregate(errors) }),
      }
    },
  }
}

const nobody: Decision = Object.freeze({ verdict: 'noOpinion' })

function ask(authorizers: readonly Authorizer[], attributes: Attributes, from: number, said: string[] | undefined): Decision | Promise<Decision> {
  for (let i = from; i < authorizers.length; i++) {
    const decision = authorizers[i]!.authorize(attributes)
    if (decision instanceof Promise) {
      return decision.then((late) => (late.verdict === 'noOpinion' ? ask(authorizers, attributes, i + 1, heard(said, late)) : late))
    }
    if (decision.verdict !== 'noOpinion') return decision
    said = heard(said, decision)
  }
  return said ? { verdict: 'noOpinion', reason: said.join('\n') } : nobody
}

const heard = (said: string[] | undefined, { reason }: Decision): string[] | undefined => (reason ? [...said ?? [], reason] : said)

/** Several errors as the original prints them: one as it is, more in brackets, each once. */
export function aggregate(errors: readonly string[]): string {
  const distinct = [...new Set(errors)]
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`
}
