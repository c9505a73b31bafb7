import { apiServices } from '../../../api/kinds/apiregistration-v1/api-service.ts'
import { compareVersions } from '../../../api/discovery/versions.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../../../api/errors.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { APIService } from '../../../api/types/apiregistration-v1.ts'
import type { ServerPart } from '../parts.ts'
import type { Tools } from '../tools.ts'
import { createObject } from '../verbs/create-object.ts'
import { deleteObject } from '../verbs/delete-object.ts'

const managed = 'kube-aggregator.kubernetes.io/automanaged'

/**
 * An APIService for every group and version that this server answers for itself, as `kubectl get apiservices` lists them:
 * the built-in ones from the start, those of custom resources as they come and go. They say what is there and decide nothing, so
 * the server does not wait for them.
 */
export const localApiServices: ServerPart = {
  name: 'apiservice-registration-controller',
  async start(tools) {
    let running = Promise.resolve()
    const sync = (): void => { running = running.then(() => (tools.ending.aborted ? undefined : register(tools))).catch((error: unknown) => tools.log.warn({ err: error }, 'Could not register the groups that are served here')) }
    tools.kinds.onChange(sync)
    sync()
  },
}

interface Wanted { readonly name: string; readonly group: string; readonly version: string; readonly automanaged: 'onstart' | 'true' }

function wantedOf({ kinds }: Tools): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  for (const { group, version, jsonOnly } of kinds.all) {
    const name = `${version}.${group}`
    if (!wanted.has(name)) wanted.set(name, { name, group, version, automanaged: jsonOnly ? 'true' : 'onstart' })
  }
  return wanted
}

async function register(tools: Tools): Promise<void> {
  const cache = tools.resources.cache(apiServices)
  await cache.ready()
  const wanted = wantedOf(tools)
  const there = new Map(cache.peekAll().map(({ object }) => [object.metadata.name, object as APIService]))
  const missing = [...wanted.values()].filter(({ name }) => !there.has(name))
  const left = [...there.values()].filter(({ metadata, spec }) => !wanted.has(metadata.name) && metadata.labels?.[managed] === 'true' && !spec.service)
  await Promise.all([
    ...missing.map((of) => createObject(tools, { kind: apiServices, object: draftOf(of, wanted), namespace: '', user: systemMaster, dryRun: false }).catch(ifNot(isAlreadyExists))),
    ...left.map(({ metadata: { name } }) => deleteObject(tools, { kind: apiServices, namespace: '', name, options: {}, user: systemMaster, dryRun: false }).catch(ifNot((error) => isNotFound(error) || isConflict(error)))),
  ])
}

/** Somebody else was faster, and wants the same. */
const ifNot = (expected: (error: unknown) => boolean) => (error: unknown): void => { if (!expected(error)) throw error }

function draftOf({ name, group, version, automanaged }: Wanted, all: ReadonlyMap<string, Wanted>): Record<string, unknown> {
  const versions = [...all.values()].filter((of) => of.group === group).map((of) => of.version).sort(compareVersions)
  return {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name, labels: { [managed]: automanaged } },
    spec: { ...(group && { group }), version, groupPriorityMinimum: groupPriority(group, automanaged), versionPriority: Math.max(1, 100 - 10 * versions.indexOf(version)) },
  }
}

/** Lower than all: a custom resource never takes a name from what is built in. */
const groupPriority = (group: string, automanaged: Wanted['automanaged']): number =>
  group === '' ? 18_000 : automanaged === 'true' ? 1000 : group === 'extensions' ? 150 : group === 'apps' ? 17_800 : 17_000
