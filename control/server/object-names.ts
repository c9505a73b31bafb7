import { badRequest } from '../../api/errors.ts'
import type { Kind } from '../../api/kinds/kind.ts'

/** 400 for a name of the URL that can be no object's name. */
export function checkPathName(name: string): void {
  if (name === '') throw badRequest('Name parameter required.')
  const wrong = name === '.' || name === '..' ? `may not be '${name}'` : name.includes('/') ? "may not contain '/'" : name.includes('%') ? "may not contain '%'" : undefined
  if (wrong) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${wrong}`)
}

/** Brings an object's namespace in line with the URL's; 400 when it names another. */
export function settleNamespace(kind: Kind, object: { metadata: { namespace?: string | undefined } }, requested: string): void {
  const { metadata } = object
  if (!kind.namespaced) delete metadata.namespace
  else if (!metadata.namespace) metadata.namespace = requested
  else if (metadata.namespace !== requested) throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

/** 400 unless the object is the one the URL names. */
export function checkNames(kind: Kind, object: { metadata: { name: string; namespace?: string | undefined } }, namespace: string, name: string): void {
  const { metadata } = object
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if (kind.namespaced && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`)
  }
}
