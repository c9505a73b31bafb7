import { struct } from '../schema/schema.ts'
import { Overhead as StableOverhead, RuntimeClass as StableRuntimeClass, Scheduling as StableScheduling } from './node-v1.ts'

export const Overhead = struct('node/v1beta1.Overhead', StableOverhead.fields)
export type Overhead = StableOverhead

export const Scheduling = struct('node/v1beta1.Scheduling', StableScheduling.fields)
export type Scheduling = StableScheduling

export const RuntimeClass = struct('node/v1beta1.RuntimeClass', StableRuntimeClass.fields)
export type RuntimeClass = StableRuntimeClass
