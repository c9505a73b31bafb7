import { describe, expect, test } from 'vitest'
import type { HorizontalPodAutoscaler as V1 } from '../../types/autoscaling-v1-autoscaler.ts'
import type { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { horizontalPodAutoscalersV1 } from '../autoscaling-v1/horizontal-pod-autoscaler.ts'
import { changed, changeFailures, created, failures, row } from '../testing.ts'
import { horizontalPodAutoscalers } from './horizontal-pod-autoscaler.ts'

const target = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
const hpa = (spec: object = {}) => ({ spec: { scaleTargetRef: target, maxReplicas: 5, ...spec } })
const metric = (more: object) => hpa({ metrics: [more] })
const value = (amount: string) => ({ type: 'Value', value: amount })
const perPod = (amount: string) => ({ type: 'AverageValue', averageValue: amount })
const busy = (averageUtilization: number) => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } })

describe('HorizontalPodAutoscaler', () => {
  test('goes by the processor when nothing is said', () => {
    expect(created(horizontalPodAutoscalers, hpa())).toMatchObject({ spec: { minReplicas: 1, metrics: [busy(80)] }, status: { desiredReplicas: 0 } })
    expect(failures(horizontalPodAutoscalers, hpa())).toEqual([])
  })

  test('behaviour that is begun is completed', () => {
    expect(created(horizontalPodAutoscalers, hpa({ behavior: { scaleUp: { selectPolicy: 'Min' } } })).spec.behavior).toEqual({
      scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Min', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] },
      scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    })
  })

  test.each<[string, object, string[]]>([
    ['nobody', { spec: { maxReplicas: 0 } }, ['spec.maxReplicas: Invalid value: 0: must be greater than 0', 'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`', 'spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value']],
    ['nought', hpa({ minReplicas: 0 }), ['spec.minReplicas: Invalid value: 0: must be greater than or equal to 1', 'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas']],
    ['more than the most', hpa({ minReplicas: 6 }), ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`']],
    ['an unknown metric', metric({ type: 'X' }), ['spec.metrics[0].type: Unsupported value: "X": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"', 'spec.metrics[0].type: Unsupported value: "X": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"']],
    ['a metric without source', metric({ type: 'Pods' }), ['spec.metrics[0].pods: Required value: must populate information for the given metric source']],
    ['a metric of two sources', metric({ ...busy(50), pods: { metric: { name: 'a' }, target: perPod('1') } }), ['spec.metrics[0].pods: Forbidden: must populate the given metric source only']],
    ['no use at all', metric({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }), ['spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization']],
    ['use and value', metric({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5, averageValue: '1' } } }), ['spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization']],
    ['less than some', metric({ type: 'Pods', pods: { metric: { name: '' }, target: perPod('0') } }), ['spec.metrics[0].pods.metric.name: Required value: must specify a metric name', 'spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive']],
    ['two targets outside', metric({ type: 'External', external: { metric: { name: 'a' }, target: { type: 'Value', value: '1', averageValue: '2' } } }), ['spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target']],
    ['an object without value', metric({ type: 'Object', object: { describedObject: target, metric: { name: 'a' }, target: { type: 'Z' } } }), ['spec.metrics[0].object.target.type: Invalid value: "Z": must be either Utilization, Value, or AverageValue', 'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue']],
    ['a nameless container', metric({ type: 'ContainerResource', containerResource: { name: 'cpu', container: '', target: { type: 'Utilization', averageUtilization: 5 } } }), ['spec.metrics[0].containerResource.container: Required value: must specify a container']],
    ['wild behaviour', hpa({ behavior: { scaleUp: { stabilizationWindowSeconds: 3601, selectPolicy: 'X', policies: [{ type: 'Y', value: 0, periodSeconds: 1801 }], tolerance: '-1' } } }), [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600', 'spec.behavior.scaleUp.selectPolicy: Unsupported value: "X": supported values: "Disabled", "Max", "Min"',
      'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Y": supported values: "Percent", "Pods"', 'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800', 'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0']],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(horizontalPodAutoscalers, rough as never)).toEqual(expected)
  })

  test('the status is written through its subresource only', () => {
    expect(changed<HorizontalPodAutoscaler>(horizontalPodAutoscalers, hpa(), (it) => { it.status = { desiredReplicas: 7 } }).object.status).toEqual({ desiredReplicas: 0 })
    expect(changeFailures<HorizontalPodAutoscaler>(horizontalPodAutoscalers, hpa(), (it) => { it.status = { desiredReplicas: -1 } }, 'status')).toEqual(['status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0'])
  })

  test('what kubectl prints', () => {
    expect(row(horizontalPodAutoscalers, hpa())).toEqual(['Deployment/web', 'cpu: <unknown>/80%', '1', 5, 0])
    const of = (metrics: object[], currentMetrics: object[]) => horizontalPodAutoscalers.columns![1]!.value({ ...created(horizontalPodAutoscalers, hpa({ metrics })), status: { desiredReplicas: 1, currentMetrics } } as never, 0)
    expect(of([busy(80)], [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 10 } } }])).toBe('cpu: 10%/80%')
    const external = { type: 'External', external: { metric: { name: 'q' }, target: perPod('3') } }
    const object = { type: 'Object', object: { describedObject: target, metric: { name: 'r' }, target: value('9') } }
    const pods = { type: 'Pods', pods: { metric: { name: 'p' }, target: perPod('2') } }
    expect(of([external, object, pods], [])).toBe('<unknown>/3 (avg), <unknown>/9 + 1 more...')
    expect(of([pods], [{ type: 'Pods', pods: { metric: { name: 'p' }, current: { averageValue: '1' } } }])).toBe('1/2')
  })
})

describe('its oldest form', () => {
  const { toStored, fromStored } = horizontalPodAutoscalersV1.storedAs!
  test('the processor has a field of its own', () => {
    const stored = toStored(created(horizontalPodAutoscalersV1, hpa({ targetCPUUtilizationPercentage: 50 }))) as HorizontalPodAutoscaler
    expect(stored).toMatchObject({ apiVersion: 'autoscaling/v2', spec: { minReplicas: 1, metrics: [busy(50)] } })
    expect(fromStored(stored)).toMatchObject({ apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 50, maxReplicas: 5 } })
    expect((fromStored(stored) as V1).metadata.annotations).toBeUndefined()
    expect(row(horizontalPodAutoscalersV1, hpa({ targetCPUUtilizationPercentage: 50 }))).toEqual(['Deployment/web', 'cpu: <unknown>/50%', '1', 5, 0])
  })

  test('what it has no field for goes there and back in annotations', () => {
    const stored: HorizontalPodAutoscaler = {
      ...created(horizontalPodAutoscalers, hpa({
        behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
        metrics: [
          { type: 'Pods', pods: { metric: { name: 'p' }, target: perPod('2') } },
          { type: 'External', external: { metric: { name: 'q', selector: { matchLabels: { a: 'b' } } }, target: value('3') } },
          { type: 'Object', object: { describedObject: target, metric: { name: 'r' }, target: value('9') } },
          { type: 'ContainerResource', containerResource: { name: 'memory', container: 'c', target: perPod('1Gi') } }, busy(50),
        ],
      })),
      status: { currentReplicas: 2, desiredReplicas: 3, currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 10, averageValue: '5m' } } }], conditions: [{ type: 'AbleToScale', status: 'True' }] },
    }
    stored.metadata.annotations = { own: 'yes' }
    const old = fromStored(stored) as V1
    expect(Object.keys(old.metadata.annotations!).sort()).toEqual(['autoscaling.alpha.kubernetes.io/behavior', 'autoscaling.alpha.kubernetes.io/conditions', 'autoscaling.alpha.kubernetes.io/current-metrics', 'autoscaling.alpha.kubernetes.io/metrics', 'own'])
    expect(JSON.parse(old.metadata.annotations!['autoscaling.alpha.kubernetes.io/behavior']!)).toMatchObject({ ScaleDown: { StabilizationWindowSeconds: 60 } })
    expect(JSON.parse(old.metadata.annotations!['autoscaling.alpha.kubernetes.io/metrics']!)[0]).toEqual({ type: 'Pods', pods: { metricName: 'p', targetAverageValue: '2' } })
    expect(old).toMatchObject({ spec: { targetCPUUtilizationPercentage: 50 }, status: { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 10 } })
    expect(toStored(old)).toEqual(stored)
  })

  test('an annotation that cannot be read is as if it were not there', () => {
    const old = created(horizontalPodAutoscalersV1, { ...hpa(), metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '{', 'autoscaling.alpha.kubernetes.io/behavior': '[]' } } })
    expect((toStored(old) as HorizontalPodAutoscaler).spec).toMatchObject({ metrics: [busy(80)] })
  })

  test('it is checked as the newest', () => {
    expect(failures(horizontalPodAutoscalersV1, hpa({ minReplicas: 6, targetCPUUtilizationPercentage: 0 }))).toEqual(['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`', 'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'])
  })
})
