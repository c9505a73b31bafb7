import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../types/autoscaling-v2.ts'

/** Without a metric it goes by the processor; rules of behaviour that are begun are completed. */
export function defaultAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1
  if (!spec.metrics?.length) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
  if (!spec.behavior) return
  spec.behavior.scaleUp = { ...scaleUp(), ...given(spec.behavior.scaleUp) }
  spec.behavior.scaleDown = { ...scaleDown(), ...given(spec.behavior.scaleDown) }
}

const given = (rules: HPAScalingRules | undefined): HPAScalingRules => Object.fromEntries(Object.entries(rules ?? {}).filter(([, value]) => value !== undefined))

const scaleUp = (): HPAScalingRules => ({
  stabilizationWindowSeconds: 0, selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }],
})

const scaleDown = (): HPAScalingRules => ({ selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] })
