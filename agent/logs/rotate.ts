import type { Logger } from 'pino'
import type { Clock } from '../../host/clock.ts'
import type { Files } from '../machine.ts'
import type { Runtime } from '../runtime/runtime.ts'

export interface RotateOptions {
  readonly runtime: Runtime
  readonly files: Files
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Bytes. */
  readonly maxSize: number
  /** The live file counts. */
  readonly maxFiles: number
}

const every = 10_000

/** Watches over the size of running containers' logs until the signal. */
export async function keepLogsSmall(options: RotateOptions): Promise<void> {
  const { clock, signal, log } = options
  const paths = new Map<string, string>()
  while (!signal.aborted) {
    await clock.sleep(every, signal).catch(() => {})
    if (!signal.aborted) await rotateAll(options, paths).catch((error: unknown) => log.warn({ err: error }, 'Rotate logs: failed'))
  }
}

async function rotateAll({ runtime, files, maxSize, maxFiles, clock }: RotateOptions, paths: Map<string, string>): Promise<void> {
  const running = await runtime.listContainers({ state: { state: 'CONTAINER_RUNNING' } })
  for (const id of paths.keys()) if (!running.some((container) => container.id === id)) paths.delete(id)
  for (const { id } of running) {
    const path = paths.get(id) ?? (await runtime.containerStatus(id)).logPath
    paths.set(id, path)
    if (path && ((await files.stat(path))?.size ?? 0) > maxSize) await rotate(files, path, maxFiles, clock.now(), () => runtime.reopenContainerLog(id))
  }
}

/** The live log becomes `<n>.log.<time>`; the oldest beyond the limit go. Whoever follows notices by the inode. */
export async function rotate(files: Files, path: string, maxFiles: number, now: number, reopen: () => Promise<void>): Promise<void> {
  const slash = path.lastIndexOf('/')
  const [directory, name] = [path.slice(0, slash), path.slice(slash + 1)]
  const rotated = `${path}.${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`
  await files.rename(path, rotated)
  try {
    await reopen()
  } catch (error) {
    await files.rename(rotated, path)
    throw error
  }
  const older = (await files.list(directory)).filter((file) => file.startsWith(`${name}.`)).sort()
  for (const file of older.slice(0, Math.max(0, older.length - (maxFiles - 1)))) await files.remove(`${directory}/${file}`)
}
