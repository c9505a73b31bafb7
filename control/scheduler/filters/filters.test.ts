import { describe, expect, test } from 'vitest'
import { podInfoOf } from '../pod-info.ts'
import type { PodWords } from '../testing.ts'
import { makeNode, makePod, makeSnapshot, outcome } from '../testing.ts'

const unhelpful = (nodes: number): string => `preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`
const noVictims = (nodes: number): string => `preemption: 0/${nodes} nodes are available: ${nodes} No preemption victims found for incoming pod.`

describe('one node', () => {
  const cases: [string, Parameters<typeof makeNode>[1], PodWords, string][] = [
    ['anything goes', {}, {}, 'n1'],
    ['cordoned', { spec: { unschedulable: true } }, {}, `0/1 nodes are available: 1 node(s) were unschedulable. ${unhelpful(1)}`],
    ['cordoned, tolerated', { spec: { unschedulable: true } }, { spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] } }, 'n1'],
    ['tainted', { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } }, {}, `0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}. ${unhelpful(1)}`],
    ['tainted without value', { spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }] } }, {}, `0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }. ${unhelpful(1)}`],
    ['tolerated by value', { spec: { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] } }, { spec: { tolerations: [{ key: 'a', value: 'b' }] } }, 'n1'],
    ['another value', { spec: { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] } }, { spec: { tolerations: [{ key: 'a', value: 'c' }] } }, `0/1 nodes are available: 1 node(s) had untolerated taint {a: b}. ${unhelpful(1)}`],
    ['another effect', { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } }, { spec: { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }] } }, `0/1 nodes are available: 1 node(s) had untolerated taint {a: }. ${unhelpful(1)}`],
    ['everything tolerated', { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } }, { spec: { tolerations: [{ operator: 'Exists' }] } }, 'n1'],
    ['only discouraged', { spec: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } }, {}, 'n1'],
    ['node selector', { labels: { disk: 'ssd' } }, { spec: { nodeSelector: { disk: 'ssd' } } }, 'n1'],
    ['another node selector', {}, { spec: { nodeSelector: { disk: 'ssd' } } }, `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${unhelpful(1)}`],
    ['more than four', { labels: { cores: '8' } }, affinity({ key: 'cores', operator: 'Gt', values: ['4'] }), 'n1'],
    ['not more than eight', { labels: { cores: '8' } }, affinity({ key: 'cores', operator: 'Gt', values: ['8'] }), `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${unhelpful(1)}`],
    ['by name', {}, { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }] } } } } }, 'n1'],
    ['as much as there is', {}, { requests: { cpu: '2', memory: '4Gi' } }, 'n1'],
    ['more than there is', {}, { requests: { cpu: '2001m', memory: '5Gi' } }, `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${unhelpful(1)}`],
    ['a device', { allocatable: { 'example.com/gpu': '1' } }, { requests: { 'example.com/gpu': '1' } }, 'n1'],
    ['a device too many', { allocatable: { 'example.com/gpu': '1' } }, { requests: { 'example.com/gpu': '2' } }, `0/1 nodes are available: 1 Insufficient example.com/gpu. ${unhelpful(1)}`],
    ['an init container asks for more', {}, { spec: { initContainers: [{ name: 'i', image: 'i', resources: { requests: { cpu: '3' } } }] } }, `0/1 nodes are available: 1 Insufficient cpu. ${unhelpful(1)}`],
    ['overhead counts', {}, { requests: { cpu: '1900m' }, spec: { overhead: { cpu: '200m' } } }, `0/1 nodes are available: 1 Insufficient cpu. ${unhelpful(1)}`],
    ['no place for pods', { allocatable: { pods: '0' } }, {}, `0/1 nodes are available: 1 Too many pods. ${noVictims(1)}`],
    ['a claim that cannot be met', {}, { spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] } }, `0/1 nodes are available: 1 persistentvolumeclaim "data" not found. ${unhelpful(1)}`],
  ]
  test.each(cases)('%s', (_, node, pod, expected) => {
    expect(outcome(makePod('p', pod), makeSnapshot([makeNode('n1', node)]))).toBe(expected)
  })

  test('what is there already counts', () => {
    const there = makePod('q', { requests: { cpu: '1500m' } })
    expect(outcome(makePod('p', { requests: { cpu: '600m' } }), makeSnapshot([makeNode('n1')], { n1: [there] }))).toBe(`0/1 nodes are available: 1 Insufficient cpu. ${noVictims(1)}`)
  })

  test.each([
    ['another port', { containerPort: 1, hostPort: 8081 }, 'n1'],
    ['the same port', { containerPort: 1, hostPort: 8080 }, `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${noVictims(1)}`],
    ['the same port of one address', { containerPort: 1, hostPort: 8080, hostIP: '10.0.0.1' }, `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${noVictims(1)}`],
  ])('%s of the node', (_, port, expected) => {
    const there = makePod('q', { ports: [{ containerPort: 1, hostPort: 8080 }] })
    expect(outcome(makePod('p', { ports: [port] }), makeSnapshot([makeNode('n1')], { n1: [there] }))).toBe(expected)
  })
})

function affinity(requirement: { key: string; operator: string; values: string[] }): PodWords {
  return { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [requirement] }] } } } } }
}

describe('the sentence', () => {
  test('no nodes', () => {
    expect(outcome(makePod('p'), makeSnapshot([]))).toBe('no nodes available to schedule pods')
  })

  test('reasons are counted and sorted as text', () => {
    const snapshot = makeSnapshot([
      makeNode('n1', { spec: { taints: [{ key: 'key', value: 'value', effect: 'NoSchedule' }] } }), makeNode('n2'),
      makeNode('n3', { spec: { taints: [{ key: 'key', value: 'value', effect: 'NoSchedule' }] } }),
    ], { n2: [makePod('q', { requests: { cpu: '2' } })] })
    expect(outcome(makePod('p', { requests: { cpu: '1' } }), snapshot)).toBe(
      '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {key: value}. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.')
  })

  test('a node that only pods speak of is none', () => {
    expect(outcome(makePod('p'), makeSnapshot([], { ghost: [makePod('q')] }))).toBe('no nodes available to schedule pods')
  })
})

const zoned = (name: string, zone: string) => makeNode(name, { labels: { zone } })
const near = (app: string, topologyKey = 'zone') => ({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey }] } })
const far = (app: string, topologyKey = 'zone') => ({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey }] } })

describe('affinity to pods', () => {
  const web = makePod('web', { labels: { app: 'web' } })

  test('near: in the same zone', () => {
    const snapshot = makeSnapshot([zoned('n1', 'a'), zoned('n2', 'b'), zoned('n3', 'b')], { n3: [web] })
    expect(['n2', 'n3']).toContain(outcome(makePod('p', { spec: { affinity: near('web') } }), snapshot))
    expect(outcome(makePod('p', { spec: { affinity: near('db') } }), snapshot)).toBe(`0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${unhelpful(3)}`)
  })

  test('near: not across namespaces', () => {
    const snapshot = makeSnapshot([zoned('n1', 'a')], { n1: [makePod('web', { labels: { app: 'web' }, namespace: 'other' })] })
    expect(outcome(makePod('p', { spec: { affinity: near('web') } }), snapshot)).toContain("didn't match pod affinity rules")
  })

  test('the first of a group goes anywhere', () => {
    expect(outcome(makePod('p', { labels: { app: 'web' }, spec: { affinity: near('web') } }), makeSnapshot([zoned('n1', 'a')]))).toBe('n1')
  })

  test('far: in another zone', () => {
    const snapshot = makeSnapshot([zoned('n1', 'a'), zoned('n2', 'a'), zoned('n3', 'b')], { n1: [web] })
    expect(outcome(makePod('p', { spec: { affinity: far('web') } }), snapshot)).toBe('n3')
    snapshot.removeNode('n3')
    expect(outcome(makePod('p', { spec: { affinity: far('web') } }), snapshot)).toBe(`0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. ${noVictims(2)}`)
  })

  test('who is there may keep others away', () => {
    const lonely = makePod('lonely', { spec: { affinity: far('web') } })
    const snapshot = makeSnapshot([zoned('n1', 'a')], { n1: [lonely] })
    expect(outcome(web, snapshot)).toBe(`0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. ${noVictims(1)}`)
    snapshot.removePod('default/lonely')
    expect(outcome(web, snapshot)).toBe('n1')
  })

  test('counts follow what happens after they were first asked for', () => {
    const snapshot = makeSnapshot([zoned('n1', 'a'), zoned('n2', 'b')])
    const pod = makePod('p', { spec: { affinity: near('web') } })
    expect(outcome(pod, snapshot)).toContain("didn't match pod affinity rules")
    snapshot.setPod(podInfoOf(web), 'n2')
    expect(outcome(pod, snapshot)).toBe('n2')
    snapshot.removePod('default/web')
    expect(outcome(pod, snapshot)).toContain("didn't match pod affinity rules")
  })
})

describe('topology spread', () => {
  const spread = (more: object = {}) => ({ labels: { app: 'web' }, spec: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, ...more }] } })
  const webs = (count: number, from = 0) => Array.from({ length: count }, (_, index) => makePod(`w${from + index}`, { labels: { app: 'web' } }))

  test('the emptier zone', () => {
    expect(outcome(makePod('p', spread()), makeSnapshot([zoned('n1', 'a'), zoned('n2', 'b')], { n1: webs(1) }))).toBe('n2')
  })

  test('full and without label', () => {
    const snapshot = makeSnapshot([zoned('n1', 'a'), zoned('n2', 'b'), makeNode('n3')], { n1: webs(2), n2: webs(1, 2) })
    snapshot.setNode(makeNode('n2', { labels: { zone: 'b' }, spec: { unschedulable: true } }))
    expect(outcome(makePod('p', spread()), snapshot)).toBe(
      "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match pod topology spread constraints (missing required label), 1 node(s) were unschedulable. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.")
  })

  test('too few domains count as an empty one', () => {
    expect(outcome(makePod('p', spread({ minDomains: 2 })), makeSnapshot([zoned('n1', 'a')], { n1: webs(1) }))).toContain("didn't match pod topology spread constraints")
    expect(outcome(makePod('p', spread()), makeSnapshot([zoned('n1', 'a')], { n1: webs(1) }))).toBe('n1')
  })
})
