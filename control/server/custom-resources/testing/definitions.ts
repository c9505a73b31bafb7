import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { TestServer } from '../../testing/test-server.ts'

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

export interface Rough {
  readonly plural?: string
  readonly kind?: string
  readonly group?: string
  readonly scope?: 'Namespaced' | 'Cluster'
  readonly schema?: object
  readonly version?: object
  readonly versions?: readonly object[]
  readonly names?: object
  readonly spec?: object
  readonly metadata?: object
}

/** A definition of `widgets.example.com` with one version, unless told otherwise. */
export function definition({ plural = 'widgets', kind = 'Widget', group = 'example.com', scope = 'Namespaced', schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, version, versions, names, spec, metadata }: Rough = {}): any {
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${group}`, ...metadata },
    spec: { group, scope, names: { plural, kind, ...names }, versions: versions ?? [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }], ...spec },
  }
}

/** Asks until it is so, for at most ten seconds. */
export async function until<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + 10_000
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > end) throw error
      await pause(5)
    }
  }
}

/** Makes a definition and waits until it says that it is served. */
export async function establish(server: TestServer, made: any): Promise<any> {
  const answer = await server.call('POST', definitionsPath, made)
  expect(answer.body.message).toBeUndefined()
  return until(async () => {
    const { body } = await server.call('GET', `${definitionsPath}/${made.metadata.name}`)
    expect(body.status.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }))
    return body
  })
}

/** Changes a definition and waits until `served` says that the change is. */
export async function change(server: TestServer, name: string, edit: (definition: any) => void, served: () => Promise<unknown>): Promise<void> {
  const { body } = await server.call('GET', `${definitionsPath}/${name}`)
  const next = structuredClone(body)
  edit(next)
  const answer = await server.call('PUT', `${definitionsPath}/${name}`, next)
  expect(answer.body.message).toBeUndefined()
  await until(served)
}
