/** A line of a log, as a person wants to read it. */
export interface LogLine {
  readonly text: string
  /** A warning or worse, or something that no logger wrote: the last words of a process that dies. */
  readonly grave: boolean
}

/** Our parts log JSON (pino), containerd logs `level=… msg="…" error="…"`. */
export const parseLogLine = (line: string): LogLine => ofPino(line) ?? ofLogrus(line) ?? { text: line, grave: true }

const pinoWarning = 40

function ofPino(line: string): LogLine | undefined {
  try {
    const { level = 0, msg, err } = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } }
    return { text: [msg, err?.message].filter(Boolean).join(': ') || line, grave: level >= pinoWarning }
  } catch {
    return undefined
  }
}

function ofLogrus(line: string): LogLine | undefined {
  const level = /(?:^| )level=(\w+)/.exec(line)?.[1]
  if (!level) return undefined
  const field = (name: string) => new RegExp(` ${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|(\\S+))`).exec(line)?.slice(1).find((value) => value !== undefined)?.replaceAll('\\"', '"')
  return { text: [field('msg'), field('error')].filter(Boolean).join(': ') || line, grave: !['info', 'debug', 'trace'].includes(level) }
}
