import type { Service } from '../../api/types/core-v1/service.ts'
import { countName } from './evaluator.ts'
import type { Evaluator } from './evaluator.ts'

const count = countName({ group: '', resource: 'services' })
const names = new Set([count, 'services', 'services.nodeports', 'services.loadbalancers'])

/** Services: how many, how many node ports they will have, how many load balancers. */
export const serviceEvaluator: Evaluator = {
  counts: (name) => names.has(name),
  usage: (service: Service) => ({
    [count]: '1', services: '1', 'services.nodeports': String(nodePorts(service)), 'services.loadbalancers': service.spec?.type === 'LoadBalancer' ? '1' : '0',
  }),
  grows: ({ operation, subresource }) => subresource === '' && (operation === 'create' || operation === 'update'),
}

/** Ports are not allocated yet when this is asked: what counts is the intent. */
function nodePorts({ spec }: Service): number {
  const ports = spec?.ports ?? []
  if (spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false) return ports.filter(({ nodePort }) => nodePort).length
  return spec?.type === 'NodePort' || spec?.type === 'LoadBalancer' ? ports.length : 0
}
