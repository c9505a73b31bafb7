import { struct } from '../schema/schema.ts'
import { PriorityClass as StablePriorityClass } from './scheduling-v1.ts'

export const PriorityClass = struct('scheduling/v1beta1.PriorityClass', StablePriorityClass.fields)
export type PriorityClass = StablePriorityClass
