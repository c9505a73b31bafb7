const reserved = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])
const written: Readonly<Record<string, string>> = { '__': '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' }

/** The identifier under which an expression reaches a field: `namespace` → `__namespace__`, `a-b` → `a__dash__b`. Undefined: it cannot be reached. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/.test(name)) return undefined
  if (reserved.has(name)) return `__${name}__`
  return name.replace(/__|[-./]/g, (found) => written[found]!)
}

/** The field behind an identifier. */
export function unescapeName(identifier: string): string {
  const word = /^__([a-z]+)__$/.exec(identifier)?.[1]
  if (word && reserved.has(word)) return word
  return identifier.replace(/__(underscores|dot|dash|slash)__/g, (_, found: string) => ({ underscores: '__', dot: '.', dash: '-', slash: '/' })[found]!)
}
