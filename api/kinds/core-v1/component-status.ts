import { ComponentStatus } from '../../types/core-v1/component-status.ts'
import type { ComponentCondition } from '../../types/core-v1/component-status.ts'
import { text } from '../columns.ts'
import type { Kind } from '../kind.ts'

/** A view of the health of the control plane that the server works out when it is asked; nothing of it is stored. */
export const componentStatuses: Kind<ComponentStatus> = {
  group: '', version: 'v1', kind: 'ComponentStatus', resource: 'componentstatuses', singular: 'componentstatus', shortNames: ['cs'],
  namespaced: false, verbs: ['get', 'list'], schema: ComponentStatus, storage: 'componentstatuses',
  doc: 'Whether a part of the control plane is well.',
  deprecated: 'v1 ComponentStatus is deprecated in v1.19+',
  validate: () => [],
  ageless: true,
  columns: [
    text('Status', (object) => ({ True: 'Healthy', False: 'Unhealthy' }[healthy(object)?.status ?? ''] ?? 'Unknown'), 'Whether the part is well.'),
    text('Message', (object) => healthy(object)?.message ?? '', 'What it says of itself.'),
    text('Error', (object) => healthy(object)?.error ?? '', 'What went wrong.'),
  ],
}

const healthy = ({ conditions }: ComponentStatus): ComponentCondition | undefined => conditions?.find(({ type }) => type === 'Healthy')
