import type { FieldSelector } from '../../../../api/selectors/fields.ts'
import { requiredField } from '../../../../api/selectors/fields.ts'
import type { PolicyRule } from '../../../../api/types/rbac-v1.ts'
import type { Tools } from '../../tools.ts'
import type { Attributes, Authorizer, Decision, Rules } from '../authorizer.ts'
import { nodeRules } from '../bootstrap/cluster-roles.ts'
import { ruleOf } from '../bootstrap/rule.ts'
import { ruleAllows } from '../rbac/rule-allows.ts'
import { createNodeGraph } from './node-graph.ts'
import type { NodeGraph, RelatedResource } from './node-graph.ts'
import { nodeOf } from './node-identity.ts'

const yes: Decision = Object.freeze({ verdict: 'allow' })
const silent: Decision = Object.freeze({ verdict: 'noOpinion' })
const no = (reason: string): Decision => ({ verdict: 'noOpinion', reason })

/** Mode `Node`: an agent may see what it needs to run the pods of its node, and no more. Has no opinion about anybody else. */
export function nodeAuthorizer(tools: Pick<Tools, 'resources'>): Authorizer {
  let graph: NodeGraph | undefined
  let loaded = false
  let rules: readonly PolicyRule[] | undefined
  const decide = (node: string, attributes: Attributes): Decision => {
    const special = attributes.isResource ? specials.get(`${attributes.group}/${attributes.resource}`) : undefined
    if (special) return special(node, attributes, graph!)
    rules ??= nodeRules.map(ruleOf)
    return rules.some((rule) => ruleAllows(rule, attributes)) ? yes : silent
  }
  return {
    authorize(attributes) {
      const node = nodeOf(attributes.user)
      if (node === undefined) return silent
      if (node === '') return no(`unknown node for user ${JSON.stringify(attributes.user.name)}`)
      if (loaded) return decide(node, attributes)
      graph ??= createNodeGraph(tools)
      return graph.load().then(() => {
        loaded = true
        return decide(node, attributes)
      })
    },
    rulesFor: (user) => (nodeOf(user) === undefined ? nothing : unknown),
  }
}

const nothing: Rules = Object.freeze({ resourceRules: [], nonResourceRules: [] })
const unknown: Rules = Object.freeze({ ...nothing, incomplete: true, error: 'node authorizer does not support user rule resolution' })

type Rule = (node: string, attributes: Attributes, graph: NodeGraph) => Decision

const related = (node: string, resource: RelatedResource, { namespace, name }: Attributes, graph: NodeGraph): Decision => {
  if (!name) return no('No Object name found')
  return graph.isRelated(node, resource, namespace, name) ? yes : no(`no relationship found between node '${node}' and this object`)
}

/** One object at a time. */
const get = (resource: RelatedResource): Rule => (node, attributes, graph) => {
  if (attributes.verb !== 'get') return no('can only get individual resources of this type')
  if (attributes.subresource) return no('cannot get subresource')
  return related(node, resource, attributes, graph)
}

/** One object at a time, watched too. */
const read = (resource: RelatedResource): Rule => (node, attributes, graph) => {
  if (!['get', 'list', 'watch'].includes(attributes.verb)) return no('can only read resources of this type')
  if (attributes.subresource) return no('cannot read subresource')
  if (!attributes.namespace) return no('can only read namespaced object of this type')
  return related(node, resource, attributes, graph)
}

const claims: Rule = (node, attributes, graph) => {
  if (attributes.subresource !== 'status') return get('persistentvolumeclaims')(node, attributes, graph)
  if (attributes.verb !== 'update' && attributes.verb !== 'patch') return no('can only get/update/patch this type')
  return related(node, 'persistentvolumeclaims', attributes, graph)
}

const accounts: Rule = (node, attributes, graph) => {
  const { verb, subresource, name } = attributes
  if (verb === 'get' && !subresource) return related(node, 'serviceaccounts', attributes, graph)
  if (verb !== 'create' || !name) return no('can only create tokens for individual service accounts')
  if (subresource !== 'token') return no('can only create token subresource of serviceaccount')
  return related(node, 'serviceaccounts', attributes, graph)
}

/** Own by name; at a creation the name is not known yet, NodeRestriction looks at it. */
const own = (what: string, check?: (attributes: Attributes) => string | undefined): Rule => (node, attributes) => {
  const { verb, name } = attributes
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return no(`can only get, create, update, patch, or delete a ${what}`)
  const wrong = check?.(attributes)
  if (wrong) return no(wrong)
  return verb === 'create' || name === node ? yes : no(`can only access ${what} with the same name as the requesting node`)
}
const inLeaseNamespace = ({ namespace }: Attributes) => (namespace === 'kube-node-lease' ? undefined : 'can only access leases in the "kube-node-lease" system namespace')
const wholeCSINode = ({ subresource }: Attributes) => (subresource ? 'cannot authorize CSINode subresources' : undefined)

const selects = (selector: FieldSelector | undefined, field: string, value: string): boolean => selector !== undefined && requiredField(selector, field) === value

const slices: Rule = (node, attributes, graph) => {
  if (attributes.subresource) return no('cannot authorize ResourceSlice subresources')
  switch (attributes.verb) {
    case 'create': return yes
    case 'get': case 'update': case 'patch': case 'delete': return related(node, 'resourceslices', attributes, graph)
    case 'watch': case 'list': case 'deletecollection':
      return selects(attributes.fieldSelector, 'spec.nodeName', node) ? yes : no('can only list/watch/deletecollection resourceslices with nodeName field selector')
    default: return no('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection')
  }
}

const node: Rule = (own, { verb, subresource, name }) => {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? yes : silent
  if (subresource) return silent
  if (verb === 'create' || verb === 'update' || verb === 'patch') return yes
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return silent
  if (name === own) return yes
  return no(name ? `node '${own}' cannot read '${name}', only its own Node object` : `node '${own}' cannot read all nodes, only its own Node object`)
}

const pod: Rule = (node, attributes, graph) => {
  const { verb, subresource, name, fieldSelector } = attributes
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? yes : silent
  if (subresource === 'eviction') return verb === 'create' ? yes : silent
  if (subresource) return silent
  if (verb === 'get') return related(node, 'pods', attributes, graph)
  if (verb === 'create' || verb === 'delete') return yes
  if (verb !== 'list' && verb !== 'watch') return silent
  if (selects(fieldSelector, 'spec.nodeName', node)) return yes
  return name ? related(node, 'pods', attributes, graph) : no('can only list/watch pods with spec.nodeName field selector')
}

/** The resources of which a node sees its share only; all others are as `nodeRules` has them. */
const specials: ReadonlyMap<string, Rule> = new Map([
  ['/secrets', read('secrets')],
  ['/configmaps', read('configmaps')],
  ['/persistentvolumeclaims', claims],
  ['/persistentvolumes', get('persistentvolumes')],
  ['/serviceaccounts', accounts],
  ['/nodes', node],
  ['/pods', pod],
  ['resource.k8s.io/resourceclaims', get('resourceclaims')],
  ['resource.k8s.io/resourceslices', slices],
  ['storage.k8s.io/volumeattachments', get('volumeattachments')],
  ['storage.k8s.io/csinodes', own('CSINode', wholeCSINode)],
  ['coordination.k8s.io/leases', own('node lease', inLeaseNamespace)],
])
