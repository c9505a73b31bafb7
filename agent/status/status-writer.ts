import type { Logger } from 'pino'
import { createBackoff } from '../../api/client/backoff.ts'
import type { Client } from '../../api/client/client.ts'
import { ApiError, isConflict, isNotFound } from '../../api/errors.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { keyOf } from '../../api/object.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { PodStatus } from '../../api/types/core-v1/pod-status.ts'
import type { Clock } from '../../host/clock.ts'
import { statusPatch } from './status-patch.ts'

/** Brings pod statuses into the API: one write at a time for each pod, the latest wins, nothing when nothing changed. */
export interface StatusWriter {
  /** `pod` as the informer has it. */
  set(pod: Pod, status: PodStatus): void
  /** The newest status known for a pod: ours if it is newer than the informer's. */
  latest(pod: Pod): PodStatus | undefined
  /** Resolves when what was set is written, or refused for good. */
  written(uid: string): Promise<void>
  forget(uid: string): void
}

interface Entry { pod: Pod; wanted: PodStatus; sent: Pod | undefined; writing: Promise<void> | undefined }

const revisionOf = ({ metadata }: Pod): number => Number(metadata.resourceVersion ?? 0)

/** The status the API has, as far as we know: what we have written last, unless the informer has seen something newer. */
const newest = (pod: Pod, sent: Pod | undefined): PodStatus | undefined => (sent && revisionOf(sent) >= revisionOf(pod) ? sent : pod).status

export function createStatusWriter({ client, clock, log, signal }: { client: Client; clock: Clock; log: Logger; signal: AbortSignal }): StatusWriter {
  const entries = new Map<string, Entry>()

  async function write(uid: string, entry: Entry): Promise<void> {
    const backoff = createBackoff(clock, { first: 200, limit: 10_000 })
    while (entries.get(uid) === entry && !signal.aborted) {
      const { pod, wanted } = entry
      const patch = statusPatch(newest(pod, entry.sent) ?? {}, wanted)
      if (!patch) return
      try {
        const { name, namespace } = pod.metadata
        const written = await client.patch(pods, { namespace, name }, { type: 'strategic', patch: { metadata: { uid }, status: patch } }, { subresource: 'status' })
        entry.sent = written
        backoff.reset()
        // What the server makes of it may differ from what was asked; asking again would change nothing.
        if (entry.wanted === wanted) return
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return
        if (error instanceof ApiError && [400, 422].includes(error.code)) return log.error({ err: error, pod: keyOf(pod), patch }, 'Write pod status: refused')
        log.warn({ err: error, pod: keyOf(pod) }, 'Write pod status: will try again')
        await clock.sleep(backoff.next(), signal).catch(() => {})
      }
    }
  }

  return {
    set(pod, status) {
      const uid = pod.metadata.uid!
      const entry = entries.get(uid) ?? { pod, wanted: status, sent: undefined, writing: undefined }
      entries.set(uid, entry)
      Object.assign(entry, { pod, wanted: status })
      entry.writing ??= write(uid, entry).finally(() => { entry.writing = undefined })
    },
    latest: (pod) => newest(pod, entries.get(pod.metadata.uid!)?.sent),
    async written(uid) { while (entries.get(uid)?.writing) await entries.get(uid)!.writing },
    forget(uid) { entries.delete(uid) },
  }
}
