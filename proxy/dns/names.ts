import type { Name } from './message.ts'

export const rootName: Name = '\0'

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/** Whether a text is one label of a host's or service's name in lower case. */
export const isLabel = (text: string): boolean => label.test(text)

/** Labels, the deepest first, and the name they stand below. */
export const join = (labels: readonly string[], below: Name = rootName): Name => labels.map((each) => String.fromCharCode(each.length) + each).join('') + below

/** `web.default.svc.cluster.local` with or without the last dot, in lower case; undefined when it is not such a name. */
export function parseName(text: string): Name | undefined {
  const labels = text.toLowerCase().replace(/\.$/, '').split('.')
  if (!labels.every(isLabel)) return undefined
  const name = join(labels)
  return name.length <= 255 ? name : undefined
}

/** The labels of a name, the deepest first. */
export function labelsOf(name: Name): string[] {
  const labels: string[] = []
  for (let at = 0; ;) {
    const length = name.charCodeAt(at)
    if (!(length > 0)) return labels
    labels.push(name.slice(at + 1, at + 1 + length))
    at += 1 + length
  }
}

/** ASCII letters in lower case, every other byte as it is (RFC 4343). */
export const lowerCase = (name: Name): Name => (/[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name)

/** For people: `web.default.svc.cluster.local.`, strange bytes as `\065`. */
export const nameText = (name: Name): string => labelsOf(name).map((each) => each
  .replace(/[.\\]/g, '\\$&')
  .replace(/[^!-~]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`)).map((each) => `${each}.`).join('') || '.'
