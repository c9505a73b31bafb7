import type { KubeObject } from '../../api/object.ts'
import { parseIncludeObject, partialMetadata, tableOf } from '../../api/table/table.ts'
import type { ListMeta } from '../../api/types/meta-v1/meta.ts'
import type { ResourceContext } from './context.ts'
import type { Tools } from './tools.ts'

/** Objects as a `Table` in the version the client asked for. */
export const shaped = (tools: Tools, context: ResourceContext, objects: readonly KubeObject[], listMeta: ListMeta, noHeaders = false) =>
  tableOf(context.kind, objects, {
    now: tools.clock.now(), includeObject: parseIncludeObject(context.request.query.get('includeObject')), listMeta, version: context.accepted.version as 'v1', noHeaders,
  })

/** A watch event's object as a `Table` of one row; of a bookmark only the version is told. */
export const tableRow = (tools: Tools, context: ResourceContext, object: KubeObject, bookmark: boolean, noHeaders: boolean) =>
  shaped(tools, context, bookmark ? [] : [object], { resourceVersion: object.metadata.resourceVersion ?? '' }, noHeaders)

export const partialObject = (object: KubeObject, version: string) => partialMetadata(object, version as 'v1')

export const partialList = (objects: readonly KubeObject[], metadata: ListMeta, version: string) =>
  ({ kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${version}`, metadata, items: objects.map((object) => partialObject(object, version)) })
