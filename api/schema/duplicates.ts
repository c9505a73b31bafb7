/**
 * The paths of all keys that occur twice in one object of a JSON text, in the order of their second occurrence:
 * `metadata.labels.app`, `spec.containers[0].image`. `JSON.parse` silently keeps the last one; strict decoding wants to
 * say so. The text must be valid JSON. A path is named once; nobody is told of more than a few, nor of all of a very long one.
 */
export function duplicateFields(text: string): string[] {
  const found: string[] = []
  const stack: Frame[] = []
  let frame: Frame | undefined
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case quote: {
        const end = endOfString(text, i)
        if (frame?.keys && frame.expectsKey) {
          const key: string = text.slice(i + 1, end).includes('\\') ? JSON.parse(text.slice(i, end + 1)) : text.slice(i + 1, end)
          frame.key = key
          frame.expectsKey = false
          if (frame.keys.has(key)) {
            if (found.push(pathOf(stack)) >= mostFound) return [...new Set(found)]
          } else frame.keys.add(key)
        }
        i = end
        break
      }
      case openBrace: stack.push(frame = { keys: new Set(), expectsKey: true, key: '', index: 0 }); break
      case openBracket: stack.push(frame = { keys: undefined, expectsKey: false, key: '', index: 0 }); break
      case closeBrace: case closeBracket: stack.pop(); frame = stack.at(-1); break
      case comma: if (frame!.keys) frame!.expectsKey = true; else frame!.index++; break
    }
  }
  return [...new Set(found)]
}

const mostFound = 1000
const longestPath = 1000

interface Frame {
  /** Absent for an array. */
  keys: Set<string> | undefined
  expectsKey: boolean
  key: string
  index: number
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

/** The index of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = text.indexOf('"', start + 1); ; i = text.indexOf('"', i + 1)) {
    let slashes = 0
    while (text.charCodeAt(i - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return i
  }
}

function pathOf(stack: readonly Frame[]): string {
  let path = ''
  for (const { keys, key, index } of stack) {
    path += keys ? (path ? `.${key}` : key) : `[${index}]`
    if (path.length > longestPath) return `${path.slice(0, longestPath)}…`
  }
  return path
}
