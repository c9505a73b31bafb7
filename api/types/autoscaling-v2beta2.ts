import { struct } from '../schema/schema.ts'
import { HorizontalPodAutoscaler as StableHorizontalPodAutoscaler } from './autoscaling-v2.ts'

/** The stable form under its last beta name. */
export const HorizontalPodAutoscaler = struct('autoscaling/v2beta2.HorizontalPodAutoscaler', StableHorizontalPodAutoscaler.fields)
export type HorizontalPodAutoscaler = StableHorizontalPodAutoscaler
