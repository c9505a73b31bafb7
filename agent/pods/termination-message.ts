import { readLastLines } from '../logs/tail.ts'
import type { Files } from '../machine.ts'
import type { ContainerStatus } from '../runtime/runtime.ts'
import { annotations } from './labels.ts'

const longest = 4096
const longestFromLog = 2048
const linesFromLog = 80

/** What a container left as its last word: the file it wrote, or with `FallbackToLogsOnError` the end of its log. */
export async function terminationMessage(files: Files, status: ContainerStatus): Promise<string> {
  if (status.message && !status.annotations[annotations.terminationMessagePath]) return status.message
  const path = status.annotations[annotations.terminationMessagePath]
  const file = status.mounts.find(({ containerPath }) => containerPath === path)?.hostPath
  const text = file ? await files.read(file, 0, longest).then((data) => data.toString('utf8'), () => '') : ''
  if (text) return text
  const wantsLog = status.annotations[annotations.terminationMessagePolicy] === 'FallbackToLogsOnError' && status.exitCode !== 0
  const log = wantsLog && status.logPath ? await readLastLines(files, status.logPath, linesFromLog, longestFromLog).catch(() => '') : ''
  return log || status.message
}
