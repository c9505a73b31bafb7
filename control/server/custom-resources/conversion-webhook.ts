import type { Converter } from '../../../api/crd/conversion.ts'
import { ApiError } from '../../../api/errors.ts'
import { validateAnnotations } from '../../../api/kinds/validation/metadata.ts'
import { validateLabels } from '../../../api/kinds/validation/labels.ts'
import { fieldErrorBody } from '../../../api/errors.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { CustomResourceDefinition } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'
import { uid } from '../random-names.ts'
import type { Tools } from '../tools.ts'
import { askWebhook } from './ask-webhook.ts'

/** How long a webhook may take for one conversion, however many objects. */
const timeout = 30_000

/** Asks a definition's webhook, in the first version of ConversionReview that it and we speak; all objects in one question. */
export function conversionWebhook(tools: Tools, { spec: { conversion } }: CustomResourceDefinition): Converter {
  const { clientConfig = {}, conversionReviewVersions } = conversion!.webhook!
  const reviewVersion = conversionReviewVersions.find((version) => version === 'v1' || version === 'v1beta1')
  return async (objects, desiredAPIVersion) => {
    if (!reviewVersion) throw refused('no supported conversion review versions')
    const id = uid(tools.clock)
    const request = { kind: 'ConversionReview', apiVersion: `apiextensions.k8s.io/${reviewVersion}`, request: { uid: id, desiredAPIVersion, objects } }
    const from = objects[0]!
    const failed = (why: string): ApiError => refused(`conversion webhook for ${from.apiVersion}, Kind=${from.kind} failed: ${why}`)
    let answer: unknown
    try {
      answer = await askWebhook(tools, clientConfig, request, timeout)
    } catch (error) {
      throw failed(error instanceof Error ? error.message : String(error))
    }
    const converted = convertedOf(answer, reviewVersion, id, failed)
    const returned = (what: string): ApiError => refused(`conversion webhook for ${from.apiVersion}, Kind=${from.kind} returned ${what}`)
    if (converted.length !== objects.length) throw returned(`${converted.length} objects, expected ${objects.length}`)
    return objects.map((object, i) => checked(object, converted[i], desiredAPIVersion, i, returned))
  }
}

const refused = (message: string): ApiError => new ApiError(500, '', message)

interface Review {
  readonly apiVersion?: unknown
  readonly kind?: unknown
  readonly response?: { readonly uid?: unknown; readonly result?: { readonly status?: unknown; readonly message?: unknown }; readonly convertedObjects?: unknown }
}

/** What the webhook made, if it says that it is an answer to this question and went well. */
function convertedOf(answer: unknown, version: string, id: string, failed: (why: string) => ApiError): readonly unknown[] {
  const { apiVersion, kind, response } = (answer ?? {}) as Review
  if (version === 'v1' && (apiVersion !== 'apiextensions.k8s.io/v1' || kind !== 'ConversionReview')) throw failed(`expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got ${String(apiVersion ?? '')}, Kind=${String(kind ?? '')}`)
  if (!response) throw failed('no response provided')
  if (version === 'v1' && response.uid !== id) throw failed(`expected response.uid=${JSON.stringify(id)}, got ${JSON.stringify(response.uid ?? '')}`)
  if (response.result?.status !== 'Success') {
    const { message } = response.result ?? {}
    throw failed(typeof message === 'string' && message ? message : `response.result.status was '${String(response.result?.status ?? '')}', not 'Success'`)
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : []
}

type Raw = Record<string, unknown> & { metadata?: Record<string, unknown> }

/** Everything but labels and annotations of the metadata is the cluster's: it stays, and who it is may not change. */
function checked(original: KubeObject, value: unknown, apiVersion: string, index: number, returned: (what: string) => ApiError): KubeObject {
  const wrong = (why: string): ApiError => returned(`invalid converted object at index ${index}: ${why}`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('it is no object')
  const converted = value as Raw
  if (converted['apiVersion'] !== apiVersion) throw wrong(`invalid groupVersion (expected ${apiVersion}, received ${String(converted['apiVersion'] ?? '')})`)
  if (converted['kind'] !== original.kind) throw wrong(`invalid kind (expected ${original.kind}, received ${String(converted['kind'] ?? '')})`)
  const { metadata, ...rest } = converted
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) throw returned(`invalid metadata in object at index ${index}: missing metadata in converted object`)
  for (const [field, word] of [['name', 'name'], ['namespace', 'namespace'], ['uid', 'UID']] as const) {
    const before = original.metadata[field] ?? ''
    const after = metadata[field] ?? ''
    if (before !== after) throw wrong(`must have the same ${word}: ${before} != ${String(after)}`)
  }
  const kept = { ...original.metadata }
  for (const field of ['labels', 'annotations'] as const) {
    const given = metadata[field]
    delete kept[field]
    if (given !== undefined && given !== null) kept[field] = strings(field, given, (why) => returned(`invalid metadata in object at index ${index}: ${why}`))
  }
  const { apiVersion: _, kind: __, ...content } = rest
  return { apiVersion, kind: original.kind, metadata: kept, ...content } as KubeObject
}

function strings(field: 'labels' | 'annotations', given: unknown, wrong: (why: string) => ApiError): Record<string, string> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong(`invalid metadata.${field} of type ${typeof given} in converted object`)
  for (const [key, value] of Object.entries(given)) if (typeof value !== 'string') throw wrong(`metadata.${field}[${key}] must be a string, but is ${typeof value} in converted object`)
  const map = given as Record<string, string>
  const errors = field === 'labels' ? validateLabels(map, 'metadata.labels') : validateAnnotations(map, 'metadata.annotation')
  if (errors.length > 0) throw wrong(errors.map((error) => `${error.field}: ${fieldErrorBody(error)}`).join(', '))
  return map
}
