import { expect, test } from 'vitest'
import { compileCel } from './compile.ts'
import type { CelType } from './cel.ts'

/** Expressions in the manner of Kubernetes' own documentation, of the Gateway API and of policies people share. */
const text: CelType = { kind: 'string' }
const int: CelType = { kind: 'int' }
const texts: CelType = { kind: 'list', items: text }
const widget: CelType = { kind: 'object', name: 'Widget', fields: { key: text, foo: int } }
const listener: CelType = { kind: 'object', name: 'Listener', fields: { name: text, hostname: text, protocol: text, port: int, tls: { kind: 'object', name: 'Tls', fields: { mode: text } } } }
const self: CelType = {
  kind: 'object', name: 'object',
  fields: {
    minReplicas: int, replicas: int, maxReplicas: int, stateCounts: { kind: 'map', items: int }, list1: texts, list2: texts, created: { kind: 'timestamp' }, expired: { kind: 'timestamp' }, ttl: { kind: 'duration' }, health: text,
    widgets: { kind: 'list', items: widget, listType: 'map', listMapKeys: ['key'] }, port: { kind: 'intOrString' }, set1: { kind: 'list', items: text, listType: 'set' }, set2: { kind: 'list', items: text, listType: 'set' }, names: texts, details: { kind: 'map', items: text },
    primary: text, listeners: { kind: 'list', items: listener }, type: text, value: text, namespace: text, cpu: text, address: text, priority: int, ratio: { kind: 'double' }, immutable: text, metadata: { kind: 'object', name: 'M', fields: { name: text } },
  },
}
const value = {
  minReplicas: 1, replicas: 2, maxReplicas: 3, stateCounts: { Available: 3 }, list1: ['a'], list2: [], created: '2026-01-01T00:00:00Z', expired: '2026-01-03T00:00:00Z', ttl: '24h', health: 'ok: fine', widgets: [{ key: 'x', foo: 9 }, { key: 'y', foo: 42 }], port: '99%',
  set1: ['a', 'b'], set2: ['c'], names: ['n'], details: { n: 'abc' }, primary: 'x', listeners: [{ name: 'a', protocol: 'HTTP', port: 80 }, { name: 'b', protocol: 'HTTPS', port: 443, hostname: 'h.example.com', tls: { mode: 'Terminate' } }], type: 'Exact', value: '/path', namespace: 'default', cpu: '500m', address: '10.1.2.3', priority: 0, ratio: 0.5, immutable: 'i', metadata: { name: 'singleton' },
}
const oldValue = { ...value, replicas: 1 }
const pod = { metadata: { name: 'web', labels: { app: 'web', environment: 'prod' } }, spec: { replicas: 3, hostNetwork: false, containers: [{ name: 'c', image: 'registry.example.com/c:v1', securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } }, resources: { limits: { memory: '1Gi' } } }], volumes: [{ name: 'v', emptyDir: {} }] } }

test.each([
  'self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas',
  "'Available' in self.stateCounts",
  '(self.list1.size() == 0) != (self.list2.size() == 0)',
  "!('MY_KEY' in self.details) || self.details['MY_KEY'].matches('^[a-zA-Z]*$')",
  "has(self.expired) && self.created + self.ttl < self.expired",
  "self.health.startsWith('ok')",
  "self.widgets.exists(w, w.key == 'x' && w.foo < 10)",
  "type(self.port) == string ? self.port == '99%' : self.port == 42",
  "self.metadata.name == 'singleton'",
  'self.set1.all(e, !(e in self.set2))',
  'self.names.size() == self.details.size() && self.names.all(n, n in self.details)',
  "self.details.all(key, key.matches('^[a-zA-Z]*$') && self.details[key].matches('^[a-zA-Z]*$'))",
  'size(self.widgets.filter(c, c.key == self.primary)) == 1',
  'self.replicas >= oldSelf.replicas',
  'oldSelf.immutable == self.immutable',
  'self.widgets.map(w, w.foo).sum() == 51',
  'self.set1 == ["b", "a"]',
  'self.listeners.all(l1, self.listeners.exists_one(l2, l1.name == l2.name))',
  "self.listeners.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)",
  "self.listeners.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)",
  'self.listeners.all(l1, self.listeners.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))',
  "(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true",
  "(self.type in ['Exact','PathPrefix']) ? self.value.matches(r\"\"\"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$\"\"\") : true",
  "self.__namespace__ == 'default'",
  "quantity(self.cpu).isLessThan(quantity('1'))",
  "isIP(self.address) && ip(self.address).family() == 4 && cidr('10.0.0.0/8').containsIP(self.address)",
  'self.priority in [0, 1, 2] && self.ratio > 0.25 && double(self.priority) < self.ratio',
  "!format.dns1123Label().validate(self.metadata.name).hasValue()",
  'object.spec.replicas <= 5',
  "object.spec.containers.all(c, has(c.securityContext) && has(c.securityContext.runAsNonRoot) && c.securityContext.runAsNonRoot == true)",
  "object.spec.containers.all(c, c.?securityContext.?capabilities.?drop.orValue([]).exists(x, x == 'ALL'))",
  "object.spec.containers.all(c, c.image.startsWith('registry.example.com/') && !c.image.endsWith(':latest'))",
  "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false",
  "has(object.metadata.labels) && 'environment' in object.metadata.labels && object.metadata.labels.environment in ['dev', 'prod']",
  "object.spec.?volumes.orValue([]).all(v, !has(v.hostPath))",
  "object.spec.containers.all(c, quantity(c.resources.limits.memory).compareTo(quantity('2Gi')) <= 0)",
  "object.metadata.labels.exists(k, k == 'app') && object.metadata.?annotations[?'a.b/c'].orValue('none') == 'none'",
  "oldObject == null || object.spec.replicas >= oldObject.spec.replicas",
  "('replicas: ' + string(object.spec.replicas)) == 'replicas: 3' && dyn(object.spec.replicas) == 3.0",
])('%s', (expression) => {
  const program = compileCel(expression, { variables: { self, oldSelf: self, object: { kind: 'dyn' }, oldObject: { kind: 'dyn' } }, result: 'bool' })
  expect(program.evaluate({ self: value, oldSelf: oldValue, object: pod, oldObject: null })).toBe(true)
})
