import { priorityClasses } from '../../../api/kinds/scheduling-v1/priority-class.ts'
import { isAlreadyExists } from '../../../api/errors.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { ServerPart } from '../parts.ts'
import { createObject } from '../verbs/create-object.ts'
import { systemPriorityClasses } from './priority.ts'

/** The two classes every cluster has; one that was taken away comes back with the next start. */
export const bootstrapPriorityClasses: ServerPart = {
  name: 'scheduling/bootstrap-system-priority-classes',
  async start(tools) {
    for (const [name, { value, description }] of Object.entries(systemPriorityClasses)) {
      if (await tools.resources.cache(priorityClasses).get(tools.resources.key(priorityClasses, '', name))) continue
      const object = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description }
      try {
        await createObject(tools, { kind: priorityClasses, object, namespace: '', user: systemMaster, dryRun: false })
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    }
  },
}
