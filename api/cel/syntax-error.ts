/** Something wrong at a place of the source; `offset` counts UTF-16 units. */
export class CelSyntax extends Error {
  override readonly name = 'CelSyntax'
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

export interface Issue { readonly offset: number; readonly message: string }

/** Issues as cel-go prints them: line, column, the line itself and a caret below the place. */
export function printIssues(source: string, issues: readonly Issue[]): string {
  return issues.toSorted((a, b) => a.offset - b.offset).map((issue) => printIssue(source, issue)).join('\n')
}

function printIssue(source: string, { offset, message }: Issue): string {
  const before = source.slice(0, offset).split('\n')
  const column = [...before.at(-1)!].length
  const line = source.split('\n')[before.length - 1] ?? ''
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${line.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`
}
