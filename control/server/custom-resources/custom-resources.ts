import { customResourceDefinitions as kind } from '../../../api/kinds/apiextensions-v1/custom-resource-definition.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ServerPart } from '../parts.ts'
import type { Tools } from '../tools.ts'
import { Definitions } from './definitions.ts'

/**
 * Serves custom resources. The definitions that are there are served before the server listens; then each change of one is
 * followed as it comes. A definition says `Established` only once its objects are served.
 */
export const customResources: ServerPart = {
  name: 'start-apiextensions-controllers',
  async start(tools) {
    // A server that serves a choice of kinds may not have this one.
    if (!tools.kinds.byKind(kind.group, kind.version, kind.kind)) return
    await tools.resources.cache(kind).ready()
    const definitions = new Definitions(tools)
    await definitions.start()
    void follow(tools, definitions)
  },
}

async function follow(tools: Tools, definitions: Definitions): Promise<void> {
  while (!tools.ending.aborted) {
    try {
      const frames = await tools.resources.cache(kind).watch({ signal: tools.ending })
      for await (const { event } of frames) {
        if (event.type === 'ERROR' || event.type === 'BOOKMARK') continue
        await settle(tools, definitions, event.object as KubeObject)
      }
    } catch (error) {
      if (tools.ending.aborted) return
      tools.log.error({ err: error }, 'Following CustomResourceDefinitions failed')
      await new Promise<void>((resolve) => tools.clock.after(1000, resolve, { unref: true }))
    }
  }
}

/** Those of the same group may have waited for the names that a change gave up. */
async function settle(tools: Tools, definitions: Definitions, { metadata: { name } }: KubeObject): Promise<void> {
  for (const key of [name, ...definitions.waitingBeside(name)]) {
    try {
      await definitions.sync(key)
    } catch (error) {
      if (!tools.ending.aborted) tools.log.error({ err: error, key }, 'Serving a CustomResourceDefinition failed')
    }
  }
}
