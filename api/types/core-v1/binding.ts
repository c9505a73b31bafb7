import type { Infer } from '../../schema/schema.ts'
import { always, req, string, struct } from '../../schema/schema.ts'
import { ObjectReference } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const Binding = struct('core/v1.Binding', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  target: req(2, ObjectReference),
})
export interface Binding extends Infer<typeof Binding> {}
